// Data words in blobs (EIP-4844, section 8).
//
// z depends on a blob only through its versioned hash, and whoever hands out a blob knows z. So a
// blob is taken only if its words make the commitment that the versioned hash names.

import { pippenger } from "@noble/curves/abstract/curve.js";
import { FFT, rootsOfUnity } from "@noble/curves/abstract/fft.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { compress, decompressTrusted, Fr, G1, G1_BYTES, type G1Point } from "./bls12_381.js";
import { SheafError } from "./error.js";
import { fromHex, type Hex, integerOf, toHex } from "./hex.js";
import { WORD_BOUND, WORD_BYTES } from "./word.js";

/** Words of a blob. */
export const BLOB_WORDS = 4_096;
/** Bytes of a blob. */
export const BLOB_BYTES = BLOB_WORDS * WORD_BYTES;
/** Blobs of a batch. */
export const BLOBS_MAX = 6;

/** The first byte of a versioned hash whose commitment is KZG's. */
const KZG_VERSION = 1;
/** SHA-256 of the 4,096 points of Ethereum's setup, compressed, one after another. */
const SETUP_HASH = "0x08797579f6cfd5788eddc1a215d64dcfabd04acbcaf2953fb2c1afb830f43315";
/** A generator of the field's multiplicative group, whose roots of unity EIP-4844 uses. */
const FR_GENERATOR = 7n;

const fourier = FFT(rootsOfUnity(Fr, FR_GENERATOR), {
  add: (a: bigint, b: bigint) => Fr.add(a, b),
  sub: (a: bigint, b: bigint) => Fr.sub(a, b),
  mul: (a: bigint, b: bigint) => Fr.mul(a, b),
  inv: (a: bigint) => Fr.inv(a),
});

/** The 4,096 words of a blob, with the zero words that publishing has added. */
export function wordsOfBlob(blob: Uint8Array): bigint[] {
  if (blob.length !== BLOB_BYTES) {
    throw new SheafError("malformed_blob", `a blob has ${BLOB_BYTES} bytes, not ${blob.length}`);
  }
  const values = Array.from({ length: BLOB_WORDS }, (_, index) =>
    integerOf(blob.slice(index * WORD_BYTES, (index + 1) * WORD_BYTES)),
  );
  if (!values.every(value => value < Fr.ORDER)) {
    throw new SheafError("malformed_blob", "a value of the blob is not below the field's order");
  }
  // The values are in bit-reversed order, the words are not.
  const words = fourier.inverse(values, true, false);
  if (!words.every(word => word < WORD_BOUND)) {
    throw new SheafError("malformed_blob", "a coefficient of the blob is no word of 31 bytes");
  }
  return words;
}

/** The points [τⁱ] of Ethereum's KZG ceremony, in the file that viem brings. */
export class KzgSetup {
  readonly #compressed: Uint8Array;
  readonly #points: G1Point[] = [];

  /**
   * `g1Monomial` is `g1_monomial` of `viem/trusted-setups/mainnet.json`. Points of another setup
   * are refused: whoever made one could find other words for a blob.
   */
  constructor(g1Monomial: readonly string[]) {
    this.#compressed = concatBytes(...g1Monomial.map(point => fromHex(point, G1_BYTES)));
    if (toHex(sha256(this.#compressed)) !== SETUP_HASH) {
      const message =
        "these points are not those of Ethereum's KZG ceremony: \
pass g1_monomial of viem/trusted-setups/mainnet.json";
      throw new SheafError("malformed_setup", message);
    }
  }

  /** The first `count` points. Their decoding takes 0.2 ms each, and is done once. */
  points(count: number): readonly G1Point[] {
    for (let index = this.#points.length; index < count; index += 1) {
      const bytes = this.#compressed.slice(index * G1_BYTES, (index + 1) * G1_BYTES);
      this.#points.push(decompressTrusted(integerOf(bytes)));
    }
    return this.#points.slice(0, count);
  }
}

/** The versioned hash of the blob that publishes these words. */
export function versionedHashOf(words: readonly bigint[], setup: KzgSetup): Hex {
  // noble's sum refuses nothing but too large a scalar; a zero word adds nothing.
  const commitment = pippenger(G1, [...setup.points(words.length)], [...words]);
  const hash = sha256(compress(commitment));
  hash[0] = KZG_VERSION;
  return toHex(hash);
}

/** The words that a blob of this versioned hash publishes, or an error if the blob is another. */
export function wordsOfVersionedBlob(
  blob: Uint8Array,
  versionedHash: Hex,
  setup: KzgSetup,
): bigint[] {
  const words = wordsOfBlob(blob);
  const used = words.slice(0, words.findLastIndex(word => word !== 0n) + 1);
  if (versionedHashOf(used, setup) !== versionedHash.toLowerCase()) {
    const message = `the blob is not the one that L1 names ${versionedHash}: ask another source`;
    throw new SheafError("malformed_blob", message);
  }
  return words;
}
