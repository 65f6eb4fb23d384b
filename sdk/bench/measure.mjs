// Measures signing and verifying: node bench/measure.mjs [FILE]

import { readFileSync, writeFileSync } from "node:fs";
import {
  digestFromHex,
  KzgSetup,
  messageOf,
  SecretKey,
  sign,
  verify,
  verifyProof,
  versionedHashOf,
} from "../dist/index.js";

const read = path => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
const ROUNDS = 21;

/** The median milliseconds of some rounds, after one round that is not counted. */
function median(act) {
  act();
  const times = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    act();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[(ROUNDS - 1) / 2];
}

const start = performance.now();
const secret = SecretKey.fromBytes(new Uint8Array(40).fill(9));
const message = digestFromHex(read("ledger/vectors/signature.json").valid[0].message);
const signature = sign(secret, message);
const first = performance.now() - start;

const payment = { owner: [1n, 2n, 3n], amount: 1n };
const spending = { kind: "transfer", slot: 0, token: 0, nonce: 0, fee: 0n, validUntil: 1 };
const transfer = count => ({ ...spending, payments: new Array(count).fill(payment) });
const domain = [1n, 2n, 3n];
const pay = count => () => sign(secret, messageOf(transfer(count), domain));

const { vk, proof, inputs } = read("contracts/fixtures/batch.json");
const integers = list => list.map(BigInt);
const key = Object.fromEntries(
  ["alpha", "beta", "gamma", "delta", "points"].map(name => [name, integers(vk[name])]),
);
const [words, publicInputs] = [integers(proof), integers(inputs)];
const mainnet = read("sdk/node_modules/viem/trusted-setups/mainnet.json").g1_monomial;
const full = Array.from({ length: 4_096 }, (_, index) => 2n ** 247n + BigInt(index));
const blobStart = performance.now();
versionedHashOf(full, new KzgSetup(mainnet));

const round = ms => Math.round(ms * 10) / 10;
const figures = {
  blob_commitment_ms: round(performance.now() - blobStart),
  first_signature_ms: round(first),
  sign_ms: round(median(pay(1))),
  sign_1024_payments_ms: round(median(pay(1_024))),
  verify_signature_ms: round(median(() => verify(signature, secret.publicKey, message))),
  verify_proof_ms: round(
    median(() => {
      if (!verifyProof(key, words, publicInputs)) throw new Error("the proof is valid");
    }),
  ),
};
const text = `${JSON.stringify(figures, null, 2)}\n`;
const [, , file] = process.argv;
if (file !== undefined) writeFileSync(file, text);
process.stdout.write(text);
