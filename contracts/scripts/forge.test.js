// A failure of forge's must be a failure of ours: without that, no other test here means anything.
'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const path = require('path');
const test = require('node:test');

const run = (...args) =>
  spawnSync(process.execPath, [path.join(__dirname, 'forge.js'), ...args], { stdio: 'ignore' });

test('success is passed on', () => assert.strictEqual(run('--version').status, 0));

test('failure is passed on', () => assert.notStrictEqual(run('no-such-command').status, 0));
