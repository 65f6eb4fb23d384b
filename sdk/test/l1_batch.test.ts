import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFunctionData, type PublicClient } from "viem";
import { checkBatch } from "../src/batch.js";
import { SHEAF_ABI } from "../src/generated/abi.js";
import { type Hex, toHex } from "../src/hex.js";
import { type BatchEvent, isOfEvent, publishedBatch } from "../src/l1_batch.js";
import { digestToHex } from "../src/poseidon.js";
import { fixture, header, published, verifyingKey } from "./fixture.js";

const { data, l1Stream, proof } = published;
assert.ok(data.mode === "calldata");
const checked = checkBatch(published, verifyingKey);
const event: BatchEvent = {
  number: header.number,
  preState: digestToHex(header.pre),
  postState: digestToHex(header.post),
  timestamp: header.timestamp,
  l1WordsHash: checked.l1WordsHash,
  dataReference: checked.dataReference,
  transactionHash: `0x${"00".repeat(32)}`,
};
const claims = {
  number: header.number,
  postState: event.postState,
  chains: fixture.batch.chains as Hex,
  timestamp: header.timestamp,
};
const input = encodeFunctionData({
  abi: SHEAF_ABI,
  functionName: "finalise",
  args: [claims, toHex(l1Stream), toHex(data.stream), proof as never],
});

/** A node that has one transaction. */
const node = (transaction: { input: Hex; blobVersionedHashes?: Hex[] }): PublicClient =>
  ({ getTransaction: async () => transaction }) as unknown as PublicClient;

test("a batch in calldata is read from its transaction, and is the event's", async () => {
  const found = await publishedBatch(node({ input }), event);
  assert.deepEqual(found, published);
  const again = checkBatch(found, verifyingKey);
  assert.ok(isOfEvent(again, event));
  assert.ok(!isOfEvent(again, { ...event, dataReference: event.l1WordsHash }));
  assert.ok(!isOfEvent(again, { ...event, l1WordsHash: event.dataReference }));
  assert.ok(!isOfEvent({ ...again, isProven: false }, event));
});

test("the states of the event are those that are proven", async () => {
  for (const changed of [
    { ...event, preState: event.postState },
    { ...event, postState: event.preState },
    { ...event, timestamp: event.timestamp + 1 },
    { ...event, number: 2n },
  ]) {
    const found = await publishedBatch(node({ input }), changed);
    assert.ok(!isOfEvent(checkBatch(found, verifyingKey), changed));
  }
});

test("a transaction without the batch's words is refused", async () => {
  const refused = { code: "malformed_words" };
  const claim = encodeFunctionData({
    abi: SHEAF_ABI,
    functionName: "claim",
    args: [0, `0x${"11".repeat(20)}`],
  });
  for (const input of ["0x" as Hex, "0x12345678" as Hex, claim]) {
    await assert.rejects(publishedBatch(node({ input }), event), refused, input);
  }
  const other = { ...event, l1WordsHash: event.dataReference };
  await assert.rejects(publishedBatch(node({ input }), other), refused);
});

test("a batch in blobs needs a source of blobs, and the blobs that the event names", async () => {
  const blobs = encodeFunctionData({
    abi: SHEAF_ABI,
    functionName: "finaliseBlobs",
    args: [claims, toHex(l1Stream), [], proof as never],
  });
  await assert.rejects(publishedBatch(node({ input: blobs }), event), { code: "malformed_blob" });
  const reading = { setup: undefined as never, blob: async () => assert.fail() };
  const blobVersionedHashes: Hex[] = [`0x01${"00".repeat(31)}`];
  const wrong = publishedBatch(node({ input: blobs, blobVersionedHashes }), event, reading);
  await assert.rejects(wrong, { code: "malformed_words" });
});
