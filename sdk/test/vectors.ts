// The golden vectors of the project, which docs/protocol.md lists in section 12.

import { readFileSync } from "node:fs";

/** A file of the project, from its root. */
export function fileOf(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

/** A file of vectors. Each test names the form that it expects. */
export function vectors<T>(path: string): T {
  return JSON.parse(fileOf(path)) as T;
}

/** An element as the vectors write it: sixteen digits. */
export const element = (digits: string): bigint => BigInt(`0x${digits}`);

/** Some elements as the vectors write them. */
export const elements = (list: readonly string[]): bigint[] => list.map(element);

/** The first of some vectors, which each file has. */
export function first<T>(list: readonly T[]): T {
  const [found] = list;
  if (found === undefined) throw new Error("the file has no vectors");
  return found;
}
