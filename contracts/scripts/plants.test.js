// Planting takes more than an hour, so the tests of every day only see to it that each bug can
// still be planted, and that the test is still there which must go red.
'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const test = require('node:test');
const planted = require('./planted.js');
const times = require('./planted_text.js');

const tests = path.join(__dirname, '../test');
const files = fs.readdirSync(tests, { recursive: true }).filter((name) => name.endsWith('.t.sol'));
const texts = files.map((name) => fs.readFileSync(path.join(tests, name), 'utf8'));

test('the text that a bug replaces is in its file once', () => {
  for (const plant of planted) assert.strictEqual(times(plant), 1, plant.name);
});

test('a bug has a name of its own and a test', () => {
  const names = new Set(planted.map(({ name }) => name));
  assert.strictEqual(names.size, planted.length);
  for (const { name, test } of planted) {
    const [contract, method] = test.split('.');
    const text = texts.find((text) => text.includes(`contract ${contract} `));
    assert.ok(text?.includes(`function ${method}(`), name);
  }
});
