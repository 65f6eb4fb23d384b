// Checking a batch: from what L1 has of it to the pairing.

import {
  type BatchHeader,
  blobsReference,
  calldataReference,
  evaluate,
  l1Reference,
  type PublicInputs,
  pointOf,
  publicInputs,
} from "./binding.js";
import { BLOBS_MAX, type KzgSetup, wordsOfVersionedBlob } from "./blob.js";
import { type DataWord, readDataWords } from "./data_word.js";
import { SheafError } from "./error.js";
import { type Hex, toHex } from "./hex.js";
import { type L1Effect, readL1Stream } from "./l1_word.js";
import { isDevelopmentProof, type Proof, type VerifyingKey, verifyProof } from "./proof.js";
import { wordsOf } from "./word.js";

/** Data words in the call itself. */
export interface CalldataMode {
  mode: "calldata";
  stream: Uint8Array;
}

/** Data words in blobs, of which L1 keeps the versioned hashes alone. */
export interface BlobsMode {
  mode: "blobs";
  versionedHashes: readonly Hex[];
  /** The blobs of these hashes, in order, from any source. */
  blobs: readonly Uint8Array[];
  setup: KzgSetup;
}

/** A batch as it was published on L1. */
export interface PublishedBatch {
  header: BatchHeader;
  l1Stream: Uint8Array;
  data: CalldataMode | BlobsMode;
  proof: Proof;
}

/** What is computed on the way from a batch's words to its proof. */
export interface CheckedBatch {
  entries: DataWord[];
  effects: L1Effect[];
  dataReference: Hex;
  l1WordsHash: Hex;
  z: bigint;
  y: bigint;
  inputs: PublicInputs;
  /** Whether the proof proves the inputs. */
  isProven: boolean;
}

/** The key that proofs are checked with; `development` where proofs prove nothing. */
export type ProofKey = VerifyingKey | "development";

/**
 * Computes z, y and the public inputs out of a batch's words, and verifies its proof. Compare
 * `dataReference`, `l1WordsHash`, `pre` and `post` with the event of the batch.
 *
 * Throws `malformed_words` or `malformed_blob` for what is no batch.
 */
export function checkBatch(batch: PublishedBatch, key: ProofKey): CheckedBatch {
  const { header, l1Stream, data, proof } = batch;
  const l1Words = wordsOf(l1Stream);
  const dataWords = dataWordsOf(data);
  const references = {
    data:
      data.mode === "calldata"
        ? calldataReference(data.stream)
        : blobsReference(data.versionedHashes),
    l1: l1Reference(l1Stream),
  };
  const z = pointOf(header, references);
  const y = evaluate(l1Words, dataWords, z);
  const inputs = publicInputs(header, { z, y, l1Words: l1Words.length });
  return {
    entries: readDataWords(dataWords),
    effects: readL1Stream(l1Words),
    dataReference: toHex(references.data),
    l1WordsHash: toHex(references.l1),
    z,
    y,
    inputs,
    isProven:
      key === "development" ? isDevelopmentProof(proof, inputs) : verifyProof(key, proof, inputs),
  };
}

function dataWordsOf(data: CalldataMode | BlobsMode): bigint[] {
  if (data.mode === "calldata") return wordsOf(data.stream);
  const { versionedHashes, blobs, setup } = data;
  const { length } = versionedHashes;
  if (length === 0 || length > BLOBS_MAX || blobs.length !== length) {
    const message = `a batch has 1 to ${BLOBS_MAX} blobs, and a versioned hash for each`;
    throw new SheafError("malformed_blob", message);
  }
  return versionedHashes.flatMap((hash, index) =>
    wordsOfVersionedBlob(blobs[index] ?? new Uint8Array(), hash, setup),
  );
}
