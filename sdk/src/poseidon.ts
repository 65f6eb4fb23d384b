// Poseidon over Goldilocks, and the hashes that the protocol makes of it (section 2).

import { poseidon } from "@noble/curves/abstract/poseidon.js";
import { SheafError } from "./error.js";
import { canonical, elementsFromBytes, elementsToBytes, Fp } from "./field.js";
import { ROUND_CONSTANTS } from "./generated/round_constants.js";
import { fromHex, type Hex, toHex } from "./hex.js";

/** Four elements. */
export type Digest = readonly [bigint, bigint, bigint, bigint];

/** Bytes of a digest. */
export const DIGEST_BYTES = 32;

/** The uses of the hash, each with its own tag. */
export const TAG = {
  leaf: 1,
  node: 2,
  owner: 3,
  domain: 4,
  debit: 5,
  withdraw: 6,
  payee: 7,
  challenge: 8,
  signatureLink: 9,
  dataLink: 10,
  l1Link: 11,
  state: 12,
  machine: 13,
  chains: 14,
  cursor: 15,
} as const;

/** The number of a use of the hash. */
export type Tag = (typeof TAG)[keyof typeof TAG];

const WIDTH = 12;
/** Elements that a block overwrites. */
const RATE = 8;
/** The first row of the matrix, which is circulant but for its first entry. */
const CIRCULANT = [17n, 15n, 41n, 16n, 2n, 28n, 13n, 13n, 39n, 18n, 34n, 20n];
/** What the first entry of the matrix has more. */
const FIRST_LANE = 8n;

const matrix = Array.from({ length: WIDTH }, (_, row) =>
  Array.from({ length: WIDTH }, (_, lane) => {
    const entry = CIRCULANT[(lane - row + WIDTH) % WIDTH] ?? 0n;
    return row === 0 && lane === 0 ? entry + FIRST_LANE : entry;
  }),
);

/** Digits of a constant. */
const DIGITS = /.{16}/g;
const constants = [...ROUND_CONSTANTS.join("").matchAll(DIGITS)].map(([digits]) =>
  BigInt(`0x${digits}`),
);

/** The permutation of twelve elements. */
export const permute: (lanes: bigint[]) => bigint[] = poseidon({
  Fp,
  t: WIDTH,
  roundsFull: 8,
  roundsPartial: 22,
  sboxPower: 7,
  mds: matrix,
  roundConstants: Array.from({ length: constants.length / WIDTH }, (_, round) =>
    constants.slice(round * WIDTH, (round + 1) * WIDTH),
  ),
});

/** The hash of some elements under a tag. Elements of p or more are refused, not reduced. */
export function hash(tag: Tag, elements: readonly bigint[]): Digest {
  for (const element of elements) canonical(element);
  const capacity = [BigInt(tag), BigInt(elements.length), 0n, 0n];
  let state = [...new Array<bigint>(RATE).fill(0n), ...capacity];
  for (let start = 0; start === 0 || start < elements.length; start += RATE) {
    const block = elements.slice(start, start + RATE);
    const padding = new Array<bigint>(RATE - block.length).fill(0n);
    state = permute([...block, ...padding, ...state.slice(RATE)]);
  }
  return digestOf(state);
}

/** The first four of some elements. */
export function digestOf(elements: readonly bigint[]): Digest {
  const [a, b, c, d] = elements;
  if (a === undefined || b === undefined || c === undefined || d === undefined) {
    throw new SheafError("not_canonical", "a digest has four elements");
  }
  return [a, b, c, d];
}

/** A digest as `0x` and 64 digits. */
export function digestToHex(digest: Digest): Hex {
  return toHex(elementsToBytes(digest));
}

/** Reads what `digestToHex` writes. */
export function digestFromHex(text: string): Digest {
  return digestOf(elementsFromBytes(fromHex(text, DIGEST_BYTES)));
}
