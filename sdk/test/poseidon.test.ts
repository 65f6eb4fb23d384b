import assert from "node:assert/strict";
import { test } from "node:test";
import { P } from "../src/field.js";
import { digestFromHex, digestToHex, hash, permute, TAG, type Tag } from "../src/poseidon.js";
import { element, elements, first, vectors } from "./vectors.js";

interface Hashed {
  tag: Tag;
  elements: string[];
  digest: string;
}

const file = vectors<{
  permutations: { input: string[]; output: string[] }[];
  tags: Hashed[];
  lengths: Hashed[];
  "empty trees of height 1 to 32": string[];
}>("ledger/vectors/hash.json");

test("permutations are those of the vectors", () => {
  for (const { input, output } of file.permutations) {
    assert.deepEqual(permute(elements(input)), elements(output));
  }
  assert.equal(file.permutations.length, 3);
});

test("every tag and every length has the hash of the vectors", () => {
  for (const { tag, elements: hashed, digest } of [...file.tags, ...file.lengths]) {
    assert.equal(digestToHex(hash(tag, elements(hashed))), digest, `tag ${tag}`);
  }
  assert.deepEqual(
    file.tags.map(({ tag }) => tag),
    Object.values(TAG),
  );
});

test("the roots of empty trees are those of the vectors", () => {
  let root = digestFromHex(`0x${"0".repeat(64)}`);
  for (const expected of file["empty trees of height 1 to 32"]) {
    root = hash(TAG.node, [...root, ...root]);
    assert.equal(digestToHex(root), expected);
  }
});

test("a digest of elements that are not canonical is refused", () => {
  const digits = P.toString(16);
  const below = (P - 1n).toString(16);
  const rest = "0".repeat(48);
  assert.equal(first(digestFromHex(`0x${below}${rest}`)), element(below));
  assert.throws(() => digestFromHex(`0x${digits}${rest}`), { code: "not_canonical" });
  assert.throws(() => digestFromHex(`0x${below}`), { code: "malformed_hex" });
});
