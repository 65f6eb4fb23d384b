// A failure of forge's must be a failure of ours: without that, no other test here means anything.
'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');
const test = require('node:test');

const run = (...args) =>
  spawnSync(process.execPath, [path.join(__dirname, 'forge.js'), ...args], { stdio: 'ignore' });

test('success is passed on', () => assert.strictEqual(run('--version').status, 0));

test('failure is passed on', () => assert.notStrictEqual(run('no-such-command').status, 0));

// After a `new` that was expected to be refused, forge runs nothing of the test any more.
test('no test expects a refusal of its own new', () => {
  const folder = path.join(__dirname, '..', 'test');
  const files = fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.sol'));
  const expects = (file) =>
    /expectRevert\([^;]*;\s*new\s/.test(fs.readFileSync(path.join(folder, file), 'utf8'));
  assert.deepStrictEqual(files.filter(expects), []);
});
