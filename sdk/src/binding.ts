// Binding the words on L1 to the words in the proof (sections 8 and 9): both sides evaluate one
// polynomial at one point, which is fixed only after everything that is published.

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { Fr } from "./bls12_381.js";
import { elementsToBytes } from "./field.js";
import { bytesOf, fromHex, type Hex, integerOf } from "./hex.js";
import type { Digest } from "./poseidon.js";
import { WORD_BYTES } from "./word.js";

/** What a batch claims beside its words. */
export interface BatchHeader {
  number: bigint;
  /** Unix seconds. */
  timestamp: number;
  /** The State digests before and after the batch. */
  pre: Digest;
  post: Digest;
  /** Hash(Chains, D, L): the commitment to both streams. */
  chains: Digest;
}

/** What names both streams on L1. */
export interface References {
  data: Uint8Array;
  l1: Uint8Array;
}

/** The public inputs of a batch's proof. */
export type PublicInputs = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint];

const word = (integer: bigint): Uint8Array => bytesOf(integer, WORD_BYTES);

/** The reference of data words in calldata. */
export function calldataReference(stream: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(word(0n), keccak_256(stream)));
}

/** The reference of data words in blobs with these versioned hashes, in order. */
export function blobsReference(versionedHashes: readonly Hex[]): Uint8Array {
  const hashes = versionedHashes.map(hash => fromHex(hash, WORD_BYTES));
  return keccak_256(concatBytes(word(BigInt(hashes.length)), ...hashes));
}

/** The reference of the L1 words. */
export function l1Reference(stream: Uint8Array): Uint8Array {
  return keccak_256(stream);
}

/** The point z. */
export function pointOf(header: BatchHeader, references: References): bigint {
  const { number, timestamp, pre, post, chains } = header;
  const hashed = keccak_256(
    concatBytes(
      references.data,
      references.l1,
      ...[pre, post, chains].map(elementsToBytes),
      word(number),
      word(BigInt(timestamp)),
    ),
  );
  return integerOf(hashed) >> 8n;
}

/** The value y at z of the polynomial whose coefficients are the L1 words, then the data words. */
export function evaluate(l1: readonly bigint[], data: readonly bigint[], z: bigint): bigint {
  const point = Fr.create(z);
  return [...l1, ...data].reduceRight((y, word) => Fr.create(y * point + word), Fr.ZERO);
}

/** The seven public inputs of a batch with these values. */
export function publicInputs(
  header: BatchHeader,
  values: { z: bigint; y: bigint; l1Words: number },
): PublicInputs {
  const { pre, post, chains, timestamp } = header;
  const { z, y, l1Words } = values;
  const three = (a: bigint, b: bigint, c: bigint) => a | (b << 64n) | (c << 128n);
  return [
    three(pre[0], pre[1], pre[2]),
    three(pre[3], post[0], post[1]),
    three(post[2], post[3], chains[0]),
    three(chains[1], chains[2], chains[3]),
    z,
    y & (2n ** 248n - 1n),
    (y >> 248n) | (BigInt(timestamp) << 32n) | (BigInt(l1Words) << 64n),
  ];
}
