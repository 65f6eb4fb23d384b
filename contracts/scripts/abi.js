#!/usr/bin/env node
// Writes abi/*.json from what forge compiled: interface and code, so that the Rust side needs no
// build to call and deploy, and a change of either shows in git. `--check` writes nothing and fails
// if one is stale.
'use strict';

const fs = require('fs');
const path = require('path');

const CONTRACTS = ['Sheaf', 'Groth16Verifier', 'DevelopmentVerifier'];
const root = path.join(__dirname, '..');
const check = process.argv.includes('--check');

let stale = 0;
for (const name of CONTRACTS) {
  const built = path.join(root, 'out', `${name}.sol`, `${name}.json`);
  const target = path.join(root, 'abi', `${name}.json`);
  const { abi, bytecode } = JSON.parse(fs.readFileSync(built, 'utf8'));
  const text = JSON.stringify({ abi, bytecode: bytecode.object }, null, 2) + '\n';
  const same = fs.existsSync(target) && fs.readFileSync(target, 'utf8') === text;
  if (same) continue;
  if (check) {
    console.error(`abi/${name}.json is not what src/ compiles to: run \`npm run build\``);
    stale += 1;
  } else {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
}
process.exit(stale === 0 ? 0 : 1);
