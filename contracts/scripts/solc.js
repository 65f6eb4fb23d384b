#!/usr/bin/env node
// What forge takes for solc: the JavaScript compiler of npm behind the two calls that forge makes.
// It answers `--version`, and otherwise compiles the standard JSON on its input to its output.
'use strict';

const fs = require('fs');
const solc = require('solc');

// solc installs handlers that print over the output; errors must reach forge as an exit code.
process.removeAllListeners('uncaughtException');
process.removeAllListeners('unhandledRejection');

if (process.argv.includes('--version')) {
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8')));
}
