// The rules of the house that Biome does not know, and the page's weight.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { record } from "./figures.ts";
import { EXPLORER } from "./site.ts";

const CHARACTERS_MAX = 100;
/** All of the page, compressed: what a reader loads who opens every part of it. */
const KILOBYTES_MAX = 300;

function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

test("lines keep their length, and nothing is unfinished", () => {
  const files = ["src", "test"].flatMap(folder => filesIn(join(EXPLORER, folder)));
  assert.ok(files.length > 40);
  for (const path of files) {
    for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
      const place = `${path}:${index + 1}`;
      assert.ok([...line].length <= CHARACTERS_MAX, `${place} is too long`);
      assert.ok(!/\b(?:TO|FIX)(?:DO|ME)\b/.test(line), `${place} is unfinished`);
    }
  }
});

test("the lock names no download address", () => {
  const lock = readFileSync(join(EXPLORER, "package-lock.json"), "utf8");
  assert.ok(lock.includes('"integrity"') && !lock.includes('"resolved"'));
});

test("the page keeps its weight", () => {
  const files = filesIn(join(EXPLORER, "dist")).filter(path => !path.endsWith(".gz"));
  const bytes = files.map(path => gzipSync(readFileSync(path), { level: 9 }).length);
  const kilobytes = bytes.reduce((sum, each) => sum + each, 0) / 1_024;
  record({ explorer_kilobytes: Math.round(kilobytes * 10) / 10 });
  assert.ok(kilobytes <= KILOBYTES_MAX, `${kilobytes} kB`);
});

test("nothing is inline, so that the policy can forbid it", () => {
  const index = readFileSync(join(EXPLORER, "dist/index.html"), "utf8");
  assert.ok(!/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/.test(index), index);
});
