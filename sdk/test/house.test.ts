// The rules of the house that Biome does not know.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const SDK = fileURLToPath(new URL("../../", import.meta.url));
const CHARACTERS_MAX = 100;
const FOLDERS = ["src", "test", "scripts", "bench"];

function sources(): string[] {
  return FOLDERS.flatMap(folder =>
    readdirSync(join(SDK, folder), { withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(folder, entry.name)),
  );
}

function faultsOf(text: string): string[] {
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }));
  const unfinished = /\b(?:TO|FIX)(?:DO|ME)\b/;
  return lines
    .filter(({ line }) => [...line].length > CHARACTERS_MAX || unfinished.test(line))
    .map(({ number }) => `line ${number}`);
}

test("lines keep their length, and nothing is unfinished", () => {
  assert.ok(sources().length > 40);
  for (const path of sources()) {
    assert.deepEqual(faultsOf(readFileSync(join(SDK, path), "utf8")), [], path);
  }
  assert.deepEqual(faultsOf("x".repeat(CHARACTERS_MAX)), []);
  assert.deepEqual(faultsOf(`\n${"x".repeat(CHARACTERS_MAX + 1)}`), ["line 2"]);
  assert.deepEqual(faultsOf(`// ${"TO"}${"DO"}`), ["line 1"]);
});

test("the lock names no download address", () => {
  const lock = readFileSync(join(SDK, "package-lock.json"), "utf8");
  assert.ok(lock.includes('"integrity"') && !lock.includes('"resolved"'));
});
