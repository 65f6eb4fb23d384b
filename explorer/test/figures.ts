// The figures that are measured here, beside those of the SDK.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXPLORER } from "./site.ts";

/** Writes figures into target/bench/sdk.json, and keeps the others that are there. */
export function record(figures: Record<string, number>): void {
  const target = process.env.CARGO_TARGET_DIR ?? join(EXPLORER, "../target");
  const folder = join(target, "bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "sdk.json");
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  writeFileSync(file, `${JSON.stringify({ ...before, ...figures }, null, 2)}\n`);
}
