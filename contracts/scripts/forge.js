#!/usr/bin/env node
// Runs forge and ends as forge ended. The launcher that npm links does not pass the exit code on,
// so that failing tests would look like passing ones.
'use strict';

const { spawnSync } = require('child_process');

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const suffix = process.platform === 'win32' ? '.exe' : '';
const forge = require.resolve(
  `@foundry-rs/forge-${process.platform}-${ARCHITECTURES[process.arch]}/bin/forge${suffix}`
);

const { status, error } = spawnSync(forge, process.argv.slice(2), { stdio: 'inherit' });
if (error) throw error;
// No status means that a signal ended it.
process.exit(status ?? 1);
