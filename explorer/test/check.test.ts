// The check with a real batch and its proof: everything green, and each lie red in its step.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BatchBody,
  checkBatch,
  digestToHex,
  domainOf,
  type L1Client,
  ownerToHex,
} from "sheaf-sdk";
import { encodeFunctionData } from "viem";
import { SHEAF_ABI } from "../../sdk/src/generated/abi.ts";
import { toHex } from "../../sdk/src/hex.ts";
import { fixture, header, published, verifyingKey } from "../../sdk/test/fixture.ts";
import type { Step } from "../src/check/questions.ts";
import { check, readKey, type Sources } from "../src/check/steps.ts";

const CONTRACT = `0x${"11".repeat(20)}` as const;
const VERIFIER = `0x${"22".repeat(20)}` as const;
const CHAIN = 1;
const TRANSACTION = `0x${"33".repeat(32)}` as const;

const { data, l1Stream, proof } = published;
assert.ok(data.mode === "calldata");
const checked = checkBatch(published, verifyingKey);
const claims = {
  number: header.number,
  postState: digestToHex(header.post),
  chains: digestToHex(header.chains),
  timestamp: header.timestamp,
};
const onL1 = {
  number: header.number,
  preState: digestToHex(header.pre),
  postState: claims.postState,
  timestamp: header.timestamp,
  l1WordsHash: checked.l1WordsHash,
  dataReference: checked.dataReference,
};
const batch = {
  number: Number(header.number),
  state: "finalised",
  pre_state: onL1.preState,
  post_state: onL1.postState,
  timestamp: header.timestamp,
  data_mode: "calldata",
  data_words: checked.entries.length,
  data_reference: checked.dataReference,
  l1_transaction: TRANSACTION,
  l1_block: 5,
} as BatchBody;
const { alpha, beta, gamma, delta, points, hash } = fixture.vk;
const words = [...alpha, ...beta, ...gamma, ...delta, ...points];

/** What L1 has, where a test does not change it. */
interface OnL1 {
  domain: string;
  events: object[];
  input: `0x${string}`;
  keyHash: string;
}

const right: OnL1 = {
  domain: ownerToHex(domainOf(CHAIN, CONTRACT)),
  events: [{ args: onL1, transactionHash: TRANSACTION }],
  input: encodeFunctionData({
    abi: SHEAF_ABI,
    functionName: "finalise",
    args: [claims, toHex(l1Stream), toHex(data.stream), proof as never],
  }),
  keyHash: hash,
};

/** A node of L1. */
function node(l1: OnL1): L1Client {
  const constants: Record<string, unknown> = {
    domain: l1.domain,
    verifier: VERIFIER,
    keyHash: l1.keyHash,
    firstBlock: 1n,
  };
  return {
    getChainId: async () => CHAIN,
    getBlockNumber: async () => 9n,
    readContract: async ({ functionName }: { functionName: string }) => constants[functionName],
    getContractEvents: async () => l1.events,
    getTransaction: async () => ({ input: l1.input }),
  } as unknown as L1Client;
}

async function steps(l1: Partial<OnL1> = {}, other: Partial<Sources> = {}): Promise<Step[]> {
  const found: Step[] = [];
  const sources: Sources = {
    client: node({ ...right, ...l1 }),
    contract: CONTRACT,
    batch,
    blob: async () => assert.fail(),
    setup: async () => assert.fail(),
    proof: async () => ({
      batch: 1,
      proof: "0x",
      public_inputs: fixture.inputs,
      development: false,
    }),
    key: async () => ({ hash, key: words }),
    ...other,
  };
  await check(sources, step => found.push(step));
  return found;
}

const coloursOf = (found: readonly Step[]): string =>
  found.map(({ name, colour }) => `${name} ${colour}`).join(", ");
const redOf = (found: readonly Step[]) => found.filter(({ colour }) => colour === "red");

test("a right batch is green in every step", async () => {
  assert.equal(
    coloursOf(await steps()),
    "contract green, event green, words green, binding green, sequencer green, key green, \
pairing green",
  );
});

/** Each lie, with the step that must find it. */
const LIES: [lie: string, step: string, l1: Partial<OnL1>, other?: Partial<Sources>][] = [
  ["another contract", "contract", { domain: `0x${"00".repeat(24)}` }],
  ["a batch that L1 has not verified", "event", { events: [] }],
  ["a transaction with other words", "words", { input: "0x12345678" }],
  [
    "words that the event does not name",
    "words",
    { events: [{ args: { ...onL1, dataReference: TRANSACTION }, transactionHash: TRANSACTION }] },
  ],
  ["another state after", "sequencer", {}, { batch: { ...batch, post_state: onL1.preState } }],
  ["another time", "sequencer", {}, { batch: { ...batch, timestamp: batch.timestamp + 1 } }],
  ["another L1 transaction", "sequencer", {}, { batch: { ...batch, l1_transaction: hash } }],
  ["another number of words", "sequencer", {}, { batch: { ...batch, data_words: 1 } }],
  [
    "other public inputs",
    "sequencer",
    {},
    {
      proof: async () => ({
        batch: 1,
        proof: "0x",
        public_inputs: [...fixture.inputs].reverse(),
        development: false,
      }),
    },
  ],
  ["another verifying key", "key", {}, { key: async () => ({ hash, key: [...words].reverse() }) }],
  ["a key of another contract", "key", { keyHash: TRANSACTION }],
  [
    "states that were not proven",
    "pairing",
    { events: [{ args: { ...onL1, preState: onL1.postState }, transactionHash: TRANSACTION }] },
    { batch: { ...batch, pre_state: onL1.postState } },
  ],
];

for (const [lie, name, l1, other] of LIES) {
  test(`${lie}: the step "${name}" is red`, async () => {
    const found = await steps(l1, other);
    assert.ok(
      redOf(found).some(step => step.name === name),
      coloursOf(found),
    );
  });
}

test("a proof that was changed is red in its step alone", async () => {
  const other = [...proof.slice(0, 6), 1n, 2n];
  const input = encodeFunctionData({
    abi: SHEAF_ABI,
    functionName: "finalise",
    args: [claims, toHex(l1Stream), toHex(data.stream), other as never],
  });
  const red = redOf(await steps({ input }));
  assert.deepEqual(
    red.map(({ name }) => name),
    ["pairing"],
  );
});

test("without a key nothing is called proven", async () => {
  const found = await steps({}, { key: async () => Promise.reject(new Error("away")) });
  assert.equal(redOf(found).length, 0);
  assert.match(coloursOf(found), /key unproven, pairing unproven$/);
});

test("the key is read with and without the places of its encoding", () => {
  assert.deepEqual(readKey(words), verifyingKey);
  const encoded = ["0x20", ...words.slice(0, 14), "0x1e0", "16", ...words.slice(14)];
  assert.deepEqual(readKey(encoded), verifyingKey);
  assert.throws(() => readKey(words.slice(0, 14)), { code: "malformed_answer" });
});
