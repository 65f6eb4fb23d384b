import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { readDataWord, readDataWords } from "../src/data_word.js";
import { integerOfLimbs } from "../src/field.js";
import { bytesOf, fromHex, type Hex, toHex } from "../src/hex.js";
import { readL1Stream, readL1Words, requestWords } from "../src/l1_word.js";
import { ownerFromText, ownerToHex } from "../src/owner.js";
import { partsOf, streamOf, withoutPadding, wordsOf } from "../src/word.js";
import { fileOf, vectors } from "./vectors.js";

interface Entry {
  kind: string;
  slot: number;
  amount?: string;
  total?: string;
  fee?: string;
  owner?: string;
  token?: number;
}
interface L1Entry {
  kind: string;
  token: number;
  amount: string;
  owner: string | null;
  recipient: string | null;
  slot: number;
  words: [string, string];
  request: [string, string] | null;
}

const file = vectors<{
  data: { entry: Entry; word: Hex; limbs: string[] }[];
  l1: L1Entry[];
  largest_debit: Hex;
}>("ledger/vectors/words.json");
const LARGEST = 2n ** 62n - 1n;

test("data words say what the entries of the vectors say", () => {
  for (const { entry, word, limbs } of file.data) {
    const integer = BigInt(word);
    assert.equal(integerOfLimbs(limbs.map(BigInt)), integer);
    const found = readDataWord(integer);
    assert.equal(found.kind, entry.kind);
    if (found.kind === "open") {
      assert.deepEqual(found.owner, ownerFromText(entry.owner ?? ""));
      assert.equal(found.token, entry.token);
      continue;
    }
    const amount = entry.amount ?? entry.total;
    assert.equal(found.slot, entry.slot);
    if (amount !== undefined) assert.equal(found.amount, BigInt(amount));
    assert.equal(found.fee, BigInt(entry.fee ?? 0));
  }
  assert.equal(new Set(file.data.map(({ entry }) => entry.kind)).size, 7);
  const debit = readDataWord(BigInt(file.largest_debit));
  assert.deepEqual(debit, { kind: "debit", slot: 2 ** 32 - 1, amount: LARGEST, fee: LARGEST });
});

test("a data word with a bit that no entry sets is refused", () => {
  const refused = { code: "malformed_words" };
  for (const { entry, word } of file.data) {
    const above = entry.kind === "open" ? 26n : 36n;
    const changed = [BigInt(word) | (1n << (186n + above))];
    if (entry.kind !== "open") changed.push(BigInt(word) | (1n << 124n));
    const hasFee = entry.kind === "debit" || entry.kind === "withdraw";
    if (!hasFee && entry.kind !== "open") changed.push(BigInt(word) | (1n << 62n));
    for (const word of changed) assert.throws(() => readDataWord(word), refused, entry.kind);
  }
  for (const code of [0n, 8n, 15n]) {
    assert.throws(() => readDataWord(integerOfLimbs([1n, 0n, 0n, code])), refused);
  }
});

test("L1 words say what the entries of the vectors say, and requests have their words", () => {
  for (const { kind, token, amount, owner, recipient, slot, words, request } of file.l1) {
    const [a, b] = words.map(BigInt);
    assert.ok(a !== undefined && b !== undefined);
    const effect = readL1Words(a, b);
    assert.equal(effect.kind, kind);
    assert.deepEqual([effect.token, effect.amount], [token, BigInt(amount)]);
    if (effect.kind === "withdraw") {
      assert.equal(effect.recipient, recipient);
      assert.equal(request, null);
      continue;
    }
    assert.equal(ownerToHex(effect.owner), owner);
    if (effect.kind === "exit") assert.equal(effect.slot, slot);
    assert.deepEqual(requestWords(effect), request?.map(BigInt));
  }
  const stream = file.l1.flatMap(({ words }) => words.map(BigInt));
  assert.equal(readL1Stream(stream).length, 5);
  assert.throws(() => readL1Stream(stream.slice(1)), { code: "malformed_words" });
});

test("the chain of requests is the one that the protocol prints", () => {
  const link = (chain: Uint8Array, words: readonly bigint[]) =>
    keccak_256(concatBytes(chain, ...words.map(word => bytesOf(word, 32))));
  const chains: Hex[] = [];
  let chain = new Uint8Array(32);
  for (const { words } of file.l1) {
    const effect = readL1Words(BigInt(words[0]), BigInt(words[1]));
    if (effect.kind === "withdraw") continue;
    chain = link(chain, requestWords(effect));
    chains.push(toHex(chain));
  }
  const protocol = fileOf("docs/protocol.md");
  assert.ok(protocol.includes(`chain_1 =\n${chains[0]}`) && protocol.includes(`=\n${chains[3]}`));
});

test("L1 words with a bit that no entry sets are refused", () => {
  const refused = { code: "malformed_words" };
  for (const { kind, words } of file.l1) {
    const [a, b] = [BigInt(words[0]), BigInt(words[1])];
    const above = kind === "exit" ? 52n : 20n;
    assert.throws(() => readL1Words(a | (1n << (186n + above)), b), refused, kind);
    assert.throws(() => readL1Words(a | (1n << 62n), b), refused);
    assert.throws(() => readL1Words(a | (1n << 124n), b), refused);
    assert.throws(() => readL1Words(a, b | (1n << 192n)), refused, "B is too large");
  }
  assert.throws(() => readL1Words(integerOfLimbs([1n, 0n, 0n, 2n]), 0n), refused);
});

test("streams go round, and what is no stream of words is refused", () => {
  const words = file.data.map(({ word }) => BigInt(word));
  assert.deepEqual(wordsOf(streamOf(words)), words);
  assert.throws(() => wordsOf(streamOf(words).slice(1)), { code: "malformed_words" });
  const high = fromHex(`0x01${"00".repeat(31)}`);
  assert.throws(() => wordsOf(high), { code: "malformed_words" });
  const [word = 0n] = words;
  const { limbs, code, rest } = partsOf(word);
  assert.equal(integerOfLimbs([...limbs, code | (rest << 4n)]), word);
});

test("padding at the end is dropped, and a zero before another word is refused", () => {
  const words = file.data.map(({ word }) => BigInt(word));
  assert.deepEqual(withoutPadding([...words, 0n, 0n]), words);
  assert.equal(readDataWords([...words, 0n]).length, words.length);
  assert.deepEqual(withoutPadding([0n, 0n]), []);
  assert.throws(() => withoutPadding([0n, 1n]), { code: "malformed_words" });
  assert.throws(() => readDataWords([0n, ...words]), { code: "malformed_words" });
});
