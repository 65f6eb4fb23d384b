// Runs in the browser: how long a payment takes to sign, a proof to verify, and a batch to check.

import { checkBatch, KzgSetup, messageOf, SecretKey, sign, toHex, verifyProof } from "sheaf-sdk";
import batch from "../../../contracts/fixtures/batch.json";
import { fullBatch, WORDS } from "./full_blob.ts";

const ROUNDS = 11;
const POINT_BYTES = 48;

/** The median milliseconds of some rounds, after one round that is not counted. */
function median(act: () => void): number {
  act();
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    act();
    return performance.now() - start;
  });
  return Math.round((times.sort((a, b) => a - b)[(ROUNDS - 1) / 2] ?? 0) * 10) / 10;
}

const secret = SecretKey.fromBytes(new Uint8Array(40).fill(9));
const payments = [{ owner: [1n, 2n, 3n] as const, amount: 1n }];
const spending = { slot: 0, token: 0, nonce: 0, fee: 0n, validUntil: 1 };
const transfer = { kind: "transfer", ...spending, payments } as const;
const integers = (list: readonly string[]) => list.map(BigInt);
const { alpha, beta, gamma, delta, points } = batch.vk;
const key = {
  alpha: integers(alpha),
  beta: integers(beta),
  gamma: integers(gamma),
  delta: integers(delta),
  points: integers(points),
};
const [proof, inputs] = [integers(batch.proof), integers(batch.inputs)];

const setupBytes = new Uint8Array(await (await fetch("/kzg-setup.bin")).arrayBuffer());
const setupPoints = Array.from({ length: WORDS }, (_, index) =>
  toHex(setupBytes.slice(index * POINT_BYTES, (index + 1) * POINT_BYTES)),
);

/** The check of a full blob's batch as a reader meets it: once, with everything read anew. */
function checkFullBlob(): number {
  const full = fullBatch(new KzgSetup(setupPoints), proof);
  const start = performance.now();
  const { entries, isProven } = checkBatch(full, key);
  if (entries.length !== WORDS || isProven) throw new Error("a full blob, and another's proof");
  return Math.round(performance.now() - start);
}

const measured = {
  check_full_blob_ms: checkFullBlob(),
  sign_ms: median(() => sign(secret, messageOf(transfer, [1n, 2n, 3n]))),
  verify_proof_ms: median(() => {
    const isValid = verifyProof(key, proof, inputs as unknown as Parameters<typeof verifyProof>[2]);
    if (!isValid) throw new Error("the proof is valid");
  }),
};
Object.assign(window, { measured });
