#!/usr/bin/env node
// Shows that the tests would notice: plants the bugs of `planted.js` in a copy of the contracts,
// one at a time, and demands that the test which is named beside each fails. `npm run plants` takes
// an hour and a half on two busy cores; `npm run plants -- refund blob` plants bugs with one of
// these words in the name.
'use strict';

const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const planted = require('./planted.js');
const times = require('./planted_text.js');

const WALK = 'SheafInvariantsTest.test_handler_isNotIdle';
const COPIED = ['src', 'test', 'fixtures', 'foundry.toml'];
const ANSWER_BYTES_MAX = 1 << 28;
const root = path.join(__dirname, '..');
const solc = path.join(__dirname, 'solc.js');

// What forge says of tests, by `Contract.test`. Throws if forge could not compile.
function run(folder, tests) {
  const options = ['--json', '--match-contract', matching(tests, 0), '--match-test'];
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(__dirname, 'forge.js'), 'test', ...options, matching(tests, 1)],
    {
      cwd: folder,
      env: { ...process.env, FOUNDRY_PROFILE: 'plants', FOUNDRY_SOLC: solc },
      encoding: 'utf8',
      maxBuffer: ANSWER_BYTES_MAX,
    }
  );
  if (!stdout.startsWith('{')) throw new Error(`forge ran no test:\n${stdout}${stderr}`);
  const results = new Map();
  for (const [place, suite] of Object.entries(JSON.parse(stdout))) {
    if (place === 'warnings') continue;
    const contract = place.split(':').pop();
    for (const [signature, { status, reason }] of Object.entries(suite.test_results)) {
      results.set(`${contract}.${signature.split('(')[0]}`, { red: status === 'Failure', reason });
    }
  }
  return results;
}

// A pattern for the contracts (part 0) or the functions (part 1) of tests, and no others.
function matching(tests, part) {
  return `^(${tests.map((test) => test.split('.')[part]).join('|')})${part === 0 ? '$' : '\\('}`;
}

function testsOf({ test, walk }) {
  return walk ? [test, WALK] : [test];
}

// Tests that fail by themselves would show nothing.
function requireGreen(folder, plants) {
  const tests = [...new Set(plants.flatMap(testsOf))];
  const results = run(folder, tests);
  for (const test of tests) {
    const result = results.get(test);
    if (!result) throw new Error(`there is no test ${test}`);
    if (result.red) throw new Error(`${test} fails without a bug: ${result.reason}`);
  }
}

// Plants one bug and takes it out again. Returns whether every test went red that must.
function isCaught(folder, plant) {
  const file = path.join(folder, 'src', plant.file);
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replace(plant.from, () => plant.to));
  const results = run(folder, testsOf(plant));
  fs.writeFileSync(file, text);
  let caught = true;
  for (const test of testsOf(plant)) {
    const { red, reason } = results.get(test) ?? { red: false };
    console.log(`${red ? 'red ' : 'GREEN'} | ${plant.name} | ${test} | ${reason ?? ''}`);
    caught &&= red;
  }
  return caught;
}

function requireOnce(plant) {
  const found = times(plant);
  const { name, file } = plant;
  if (found !== 1) throw new Error(`"${name}": src/${file} has the text ${found} times, not once`);
}

const words = process.argv.slice(2);
const plants = planted.filter(({ name }) => !words.length || words.some((w) => name.includes(w)));
if (plants.length === 0) throw new Error('no bug has one of these words in its name');
planted.forEach(requireOnce);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sheaf-plants-'));
try {
  for (const name of COPIED) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  requireGreen(folder, plants);
  const escaped = plants.filter((plant) => !isCaught(folder, plant));
  console.log(`${plants.length - escaped.length} of ${plants.length} planted bugs are caught`);
  process.exitCode = escaped.length === 0 ? 0 : 1;
} finally {
  fs.rmSync(folder, { recursive: true });
}
