// The Groth16 proof of a batch over BN254 (sections 9 and 10), and development proofs.

import { bn254 } from "@noble/curves/bn254.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { PublicInputs } from "./binding.js";
import { SheafError } from "./error.js";
import { bytesOf, type Hex, toHex } from "./hex.js";
import { WORD_BYTES } from "./word.js";

/** A verifying key, with its points as the contract has them: x before y, imaginary before real. */
export interface VerifyingKey {
  alpha: readonly bigint[];
  beta: readonly bigint[];
  gamma: readonly bigint[];
  delta: readonly bigint[];
  /** K₀ to K₇. */
  points: readonly bigint[];
}

/** Eight words: A, B, C. */
export type Proof = readonly bigint[];

const { Fp, Fp2, Fp12, Fr } = bn254.fields;
const [G1, G2] = [bn254.G1.Point, bn254.G2.Point];
type G1Point = typeof G1.ZERO;
type G2Point = typeof G2.ZERO;

const PROOF_WORDS = 8;
const INPUTS = 7;
/** The place of the last field of a key in its encoding, and how many integers that field has. */
const POINTS_PLACE = 0x1e0n;
const POINT_INTEGERS = 2n * BigInt(INPUTS + 1);

function integers(list: readonly bigint[], count: number): bigint[] {
  if (list.length !== count) {
    throw new SheafError("not_canonical", `expected ${count} integers, found ${list.length}`);
  }
  return [...list];
}

/** A point of the first group. Two zeros are the neutral one, as for Ethereum's precompiles. */
function g1(list: readonly bigint[]): G1Point {
  const [x = 0n, y = 0n] = integers(list, 2);
  if (x === 0n && y === 0n) return G1.ZERO;
  return valid(() => G1.fromAffine({ x, y }));
}

/** A point of the second group, which must have the group's order. */
function g2(list: readonly bigint[]): G2Point {
  const [x1 = 0n, x0 = 0n, y1 = 0n, y0 = 0n] = integers(list, 4);
  if (list.every(part => part === 0n)) return G2.ZERO;
  // noble would reduce the parts.
  if (list.some(part => part >= Fp.ORDER)) {
    throw new SheafError("not_canonical", "x or y is too large");
  }
  const [x, y] = [Fp2.fromBigTuple([x0, x1]), Fp2.fromBigTuple([y0, y1])];
  return valid(() => G2.fromAffine({ x, y }));
}

function valid<P extends { assertValidity(): void }>(make: () => P): P {
  try {
    const point = make();
    point.assertValidity();
    return point;
  } catch (cause) {
    throw new SheafError("not_on_curve", "this is no point of BN254", { cause });
  }
}

/** Whether a Groth16 proof proves these inputs under a key. Nothing about them is secret. */
export function verifyProof(key: VerifyingKey, proof: Proof, inputs: PublicInputs): boolean {
  const own = {
    alpha: g1(key.alpha),
    beta: g2(key.beta),
    gamma: g2(key.gamma),
    delta: g2(key.delta),
  };
  if (inputs.some(input => input < 0n || input >= Fr.ORDER)) return false;
  const points = integers(key.points, 2 * (INPUTS + 1));
  const point = (index: number) => g1(points.slice(2 * index, 2 * index + 2));
  const x = inputs.reduce(
    (sum, input, index) => sum.add(point(index + 1).multiplyUnsafe(input)),
    point(0),
  );
  try {
    const words = integers(proof, PROOF_WORDS);
    const [a, b, c] = [g1(words.slice(0, 2)), g2(words.slice(2, 6)), g1(words.slice(6))];
    const pairs = [
      { g1: a.negate(), g2: b },
      { g1: own.alpha, g2: own.beta },
      { g1: x, g2: own.gamma },
      { g1: c, g2: own.delta },
    ];
    // A pair with a neutral point is one; noble refuses such a pair.
    const others = pairs.filter(pair => !pair.g1.is0() && !pair.g2.is0());
    return Fp12.eql(bn254.pairingBatch(others), Fp12.ONE);
  } catch (error) {
    if (error instanceof SheafError) return false;
    throw error;
  }
}

/** What the contract's `verifier()` answers to `keyHash()` for this key. */
export function keyHash(key: VerifyingKey): Hex {
  const { alpha, beta, gamma, delta, points } = key;
  const place = BigInt(WORD_BYTES);
  const words = [place, ...alpha, ...beta, ...gamma, ...delta, POINTS_PLACE, POINT_INTEGERS];
  return toHex(keccak_256(concatBytes(...[...words, ...points].map(toWord))));
}

const toWord = (integer: bigint): Uint8Array => bytesOf(integer, WORD_BYTES);

const DEVELOPMENT_NAME = utf8ToBytes("Sheaf development proof");

/** The answer to `keyHash()` of a verifier that takes development proofs. */
export const DEVELOPMENT_KEY_HASH: Hex = toHex(keccak_256(DEVELOPMENT_NAME));

/** Whether a development proof, which proves nothing, is the one of these inputs. */
export function isDevelopmentProof(proof: Proof, inputs: PublicInputs): boolean {
  const [first, ...rest] = integers(proof, PROOF_WORDS);
  const expected = keccak_256(concatBytes(DEVELOPMENT_NAME, ...inputs.map(toWord)));
  return first === BigInt(toHex(expected)) && rest.every(word => word === 0n);
}
