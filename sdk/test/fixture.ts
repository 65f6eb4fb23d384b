// The batch of contracts/fixtures, with a real proof and its verifying key.

import type { PublishedBatch } from "../src/batch.js";
import type { BatchHeader } from "../src/binding.js";
import { fromHex } from "../src/hex.js";
import { digestFromHex } from "../src/poseidon.js";
import type { VerifyingKey } from "../src/proof.js";
import { vectors } from "./vectors.js";

export const fixture = vectors<{
  batch: { number: number; post_state: string; chains: string; timestamp: number };
  pre: string;
  data: string;
  l1_words: string;
  inputs: string[];
  proof: string[];
  vk: {
    alpha: string[];
    beta: string[];
    gamma: string[];
    delta: string[];
    points: string[];
    hash: string;
  };
}>("contracts/fixtures/batch.json");

const { batch, vk } = fixture;

export const header: BatchHeader = {
  number: BigInt(batch.number),
  timestamp: batch.timestamp,
  pre: digestFromHex(fixture.pre),
  post: digestFromHex(batch.post_state),
  chains: digestFromHex(batch.chains),
};

export const verifyingKey: VerifyingKey = {
  alpha: vk.alpha.map(BigInt),
  beta: vk.beta.map(BigInt),
  gamma: vk.gamma.map(BigInt),
  delta: vk.delta.map(BigInt),
  points: vk.points.map(BigInt),
};

export const published: PublishedBatch = {
  header,
  l1Stream: fromHex(fixture.l1_words),
  data: { mode: "calldata", stream: fromHex(fixture.data) },
  proof: fixture.proof.map(BigInt),
};
