import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransactionStatus } from "../src/answers.js";
import { decodeStatuses, encodeTransactions } from "../src/binary.js";
import { fromHex, toHex } from "../src/hex.js";
import type { SignedTransactionBody } from "../src/transaction.js";
import { vectors } from "./vectors.js";

const file = vectors<{
  request: { json: SignedTransactionBody[]; bytes: string };
  answer: { json: { results: TransactionStatus[] }; bytes: string };
}>("wire/vectors/binary.json");
const examples = vectors<{ examples: { signed: SignedTransactionBody; bytes: string }[] }>(
  "ledger/vectors/transactions.json",
).examples;
const answer = fromHex(file.answer.bytes);

test("transactions have the bytes of the vectors", () => {
  assert.equal(toHex(encodeTransactions(file.request.json)), file.request.bytes);
  for (const { signed, bytes } of examples) {
    assert.equal(toHex(encodeTransactions([signed])), `0x0101000000${bytes.slice(2)}`);
  }
  const { key, l1_address, signature } = file.request.json[0] ?? assert.fail();
  assert.throws(() => encodeTransactions([{ key, l1_address, signature }]), {
    code: "rule_of_form",
  });
});

test("statuses say what the vectors say, those of a busy sequencer too", () => {
  const { results } = file.answer.json;
  assert.deepEqual(decodeStatuses(answer), results);
  assert.ok(results.some(({ error }) => error) && results.length === 4);
  const busy = fromHex("0x01010000000760010000006101000000620a00000000000000");
  const error = { code: "a", message: "b", retry_after_s: 10 };
  const status = { id: null, stage: "rejected", durable: false, error };
  assert.deepEqual(decodeStatuses(busy), [status]);
});

test("what is executed or later is durable, and nothing else", () => {
  const durable = [0, 1, 2, 3, 4, 5, 6, 7].map(stage => {
    const [status] = decodeStatuses(new Uint8Array([1, 1, 0, 0, 0, stage, 0]));
    return status?.durable;
  });
  assert.deepEqual(durable, [false, false, true, true, true, true, true, false]);
});

test("bytes that are no statuses are refused", () => {
  const refused = { code: "malformed_answer" };
  for (let length = 0; length < answer.length; length += 1) {
    assert.throws(() => decodeStatuses(answer.slice(0, length)), refused, `${length} bytes`);
  }
  assert.throws(() => decodeStatuses(new Uint8Array([...answer, 0])), refused);
  const changed = (place: number, byte: number) =>
    answer.map((old, index) => (index === place ? byte : old));
  assert.throws(() => decodeStatuses(changed(0, 2)), refused, "another version");
  assert.throws(() => decodeStatuses(changed(5, 8)), refused, "an unknown stage");
  assert.throws(() => decodeStatuses(changed(6, 0x83)), refused, "an unknown field");
  const retryAlone = fromHex("0x01010000000740");
  assert.throws(() => decodeStatuses(retryAlone), refused, "a time without an error");
  // A count is believed no further than there are bytes.
  assert.throws(() => decodeStatuses(fromHex("0x01ffffffff")), refused);
  assert.throws(() => decodeStatuses(fromHex("0x01010000000002ffffffffffffffff")), refused);
});
