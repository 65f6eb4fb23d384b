import assert from "node:assert/strict";
import { test } from "node:test";
import { checkBatch, type PublishedBatch } from "../src/batch.js";
import type { PublicInputs } from "../src/binding.js";
import { isDevelopmentProof, keyHash, verifyProof } from "../src/proof.js";
import { fixture, header, published, verifyingKey } from "./fixture.js";

const inputs = fixture.inputs.map(BigInt) as unknown as PublicInputs;
const { proof } = published;

test("the words of the fixture lead to its inputs, and its proof proves them", () => {
  const checked = checkBatch(published, verifyingKey);
  assert.deepEqual(checked.inputs, inputs);
  assert.ok(checked.isProven);
  const kinds = checked.effects.map(({ kind }) => kind);
  assert.deepEqual(kinds.toSorted(), ["deposit", "deposit", "exit", "withdraw"]);
  assert.equal(checked.entries.filter(({ kind }) => kind === "open").length, 3);
});

test("a batch with another word, state, number or time is not proven", () => {
  const flipped = (stream: Uint8Array, index: number) =>
    stream.map((byte, place) => (place === index ? byte ^ 1 : byte));
  const { data, l1Stream } = published;
  assert.ok(data.mode === "calldata");
  const { stream } = data;
  const changed: PublishedBatch[] = [
    { ...published, header: { ...header, number: 2n } },
    { ...published, header: { ...header, timestamp: header.timestamp + 1 } },
    { ...published, header: { ...header, pre: header.post } },
    { ...published, header: { ...header, post: header.pre } },
    { ...published, header: { ...header, chains: header.pre } },
    { ...published, l1Stream: flipped(l1Stream, l1Stream.length - 1) },
    // The lowest bit of the first word's amount, or of its owner.
    { ...published, data: { mode: "calldata", stream: flipped(stream, 31) } },
    // Padding changes z, and with it the inputs.
    { ...published, data: { mode: "calldata", stream: new Uint8Array([...stream, ...NULL]) } },
  ];
  for (const batch of changed) assert.ok(!checkBatch(batch, verifyingKey).isProven);
});

const NULL = new Uint8Array(32);

test("a proof is valid for its inputs, its key and its points alone", () => {
  assert.ok(verifyProof(verifyingKey, proof, inputs));
  for (const index of inputs.keys()) {
    const other = inputs.with(index, (inputs[index] ?? 0n) + 1n) as unknown as PublicInputs;
    assert.ok(!verifyProof(verifyingKey, proof, other), `input ${index}`);
  }
  for (const index of proof.keys()) {
    assert.ok(!verifyProof(verifyingKey, proof.with(index, 1n), inputs), `word ${index}`);
  }
  const { gamma, delta } = verifyingKey;
  assert.ok(!verifyProof({ ...verifyingKey, gamma: delta, delta: gamma }, proof, inputs));
  assert.ok(!verifyProof(verifyingKey, new Array<bigint>(8).fill(0n), inputs));
});

test("inputs and coordinates that are too large are refused", () => {
  const r = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
  const q = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
  const shifted = inputs.with(4, (inputs[4] ?? 0n) + r) as unknown as PublicInputs;
  assert.ok(!verifyProof(verifyingKey, proof, shifted));
  for (const index of proof.keys()) {
    const word = (proof[index] ?? 0n) + q;
    assert.ok(!verifyProof(verifyingKey, proof.with(index, word), inputs), `word ${index}`);
  }
  assert.ok(!verifyProof(verifyingKey, proof.slice(1), inputs));
  const broken = { ...verifyingKey, alpha: [1n, 1n] };
  assert.throws(() => verifyProof(broken, proof, inputs), { code: "not_on_curve" });
});

test("the key's hash is the contract's", () => {
  assert.equal(keyHash(verifyingKey), fixture.vk.hash);
  const { gamma, delta } = verifyingKey;
  assert.notEqual(keyHash({ ...verifyingKey, gamma: delta, delta: gamma }), fixture.vk.hash);
});

test("a real proof is no development proof", () => {
  assert.ok(!isDevelopmentProof(proof, inputs));
  assert.ok(!checkBatch(published, "development").isProven);
});
