import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import {
  type BatchHeader,
  blobsReference,
  calldataReference,
  evaluate,
  l1Reference,
  pointOf,
} from "../src/binding.js";
import { limbsOf } from "../src/field.js";
import { bytesOf, fromHex, type Hex, toHex } from "../src/hex.js";
import { type Digest, digestFromHex, digestToHex, hash, TAG, type Tag } from "../src/poseidon.js";
import { streamOf } from "../src/word.js";
import { elements, vectors } from "./vectors.js";

const file = vectors<{
  number: number;
  timestamp: number;
  pre: string;
  post: string;
  chains: string;
  data_chain: string;
  l1_chain: string;
  data_words: string[];
  l1_words: string[];
  data_reference: Hex;
  l1_reference: Hex;
  z: string;
  y: string;
  z_limbs: string[];
  y_limbs: string[];
  cursor_start: string;
  cursor_end: string;
}>("ledger/vectors/binding.json");
const machine = vectors<{
  start: { elements: string[]; digest: string };
  steps: { elements: string[]; digest: string }[];
}>("ledger/vectors/machine.json");

const dataWords = file.data_words.map(BigInt);
const l1Words = file.l1_words.map(BigInt);
const header: BatchHeader = {
  number: BigInt(file.number),
  timestamp: file.timestamp,
  pre: digestFromHex(file.pre),
  post: digestFromHex(file.post),
  chains: digestFromHex(file.chains),
};
const references = { data: fromHex(file.data_reference), l1: fromHex(file.l1_reference) };
const NONE: Digest = [0n, 0n, 0n, 0n];

function chainOf(tag: Tag, words: readonly bigint[]): Digest {
  let chain = NONE;
  for (const word of words) chain = hash(tag, [...chain, ...limbsOf(word, 4)]);
  return chain;
}

test("references, z and y are those of the vectors", () => {
  assert.equal(toHex(calldataReference(streamOf(dataWords))), file.data_reference);
  assert.equal(toHex(l1Reference(streamOf(l1Words))), file.l1_reference);
  assert.equal(pointOf(header, references), BigInt(file.z));
  assert.equal(evaluate(l1Words, dataWords, BigInt(file.z)), BigInt(file.y));
});

test("chains and cursors are those of the vectors", () => {
  const [data, l1] = [chainOf(TAG.dataLink, dataWords), chainOf(TAG.l1Link, l1Words)];
  assert.equal(digestToHex(data), file.data_chain);
  assert.equal(digestToHex(l1), file.l1_chain);
  assert.equal(digestToHex(hash(TAG.chains, [...data, ...l1])), file.chains);
  const [z, y] = [file.z_limbs.map(BigInt), file.y_limbs.map(BigInt)];
  assert.deepEqual(limbsOf(BigInt(file.z), 4), z);
  assert.deepEqual(limbsOf(BigInt(file.y), 5), y);
  const start = hash(TAG.cursor, [...data, ...l1, ...z, 0n, 0n, 0n, 0n, 0n]);
  assert.equal(digestToHex(start), file.cursor_start);
  assert.equal(digestToHex(hash(TAG.cursor, [...NONE, ...NONE, ...z, ...y])), file.cursor_end);
});

test("the machine's digests are those of the vectors", () => {
  for (const { elements: all, digest } of [machine.start, ...machine.steps]) {
    assert.equal(digestToHex(hash(TAG.machine, elements(all))), digest);
  }
  assert.equal(machine.steps.length, 13);
});

test("z depends on everything that is published", () => {
  const other = digestFromHex(file.data_chain);
  const others = [
    pointOf({ ...header, number: 2n }, references),
    pointOf({ ...header, timestamp: header.timestamp + 1 }, references),
    pointOf({ ...header, pre: other }, references),
    pointOf({ ...header, post: other }, references),
    pointOf({ ...header, chains: other }, references),
    pointOf(header, { ...references, data: references.l1 }),
    pointOf(header, { ...references, l1: references.data }),
    BigInt(file.z),
  ];
  assert.equal(new Set(others).size, others.length);
  assert.ok(others.every(z => z < 2n ** 248n));
});

test("y depends on each word and on its place, and not on padding", () => {
  const z = BigInt(file.z);
  const y = BigInt(file.y);
  assert.equal(evaluate(l1Words, [...dataWords, 0n, 0n], z), y);
  for (const index of dataWords.keys()) {
    assert.notEqual(evaluate(l1Words, dataWords.with(index, 1n), z), y);
  }
  assert.notEqual(evaluate(dataWords, l1Words, z), y);
});

test("the reference of blobs depends on their number, hashes and order", () => {
  const [one, two] = [`0x01${"ab".repeat(31)}`, `0x01${"cd".repeat(31)}`] as [Hex, Hex];
  const all = [[one], [one, one], [one, two], [two, one]].map(list => toHex(blobsReference(list)));
  assert.equal(new Set(all).size, 4);
  const both = keccak_256(concatBytes(bytesOf(2n, 32), fromHex(one), fromHex(two)));
  assert.deepEqual(blobsReference([one, two]), both);
  assert.throws(() => blobsReference(["0x01"]), { code: "malformed_hex" });
});
