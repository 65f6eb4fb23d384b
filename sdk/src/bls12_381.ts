// The first group of BLS12-381, in which blobs are committed to, and its fields.
//
// noble's own module also has the second group, pairings and hashing, which nothing here needs and
// which a page would load: 12 kB gzipped.

import { Field, type IField } from "@noble/curves/abstract/modular.js";
import { weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { bytesOf } from "./hex.js";

/** Bytes of a compressed point. */
export const G1_BYTES = 48;
const COMPRESSED = 1n << 383n;
const INFINITY = 1n << 382n;
const LARGER = 1n << 381n;

const hex = (...halves: string[]): bigint => BigInt(`0x${halves.join("")}`);

const P = hex(
  "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf",
  "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
);

/** The field of coordinates. */
export const Fp: Readonly<IField<bigint>> = Field(P);

/** The field of scalars: the polynomial of the words is over it. */
export const Fr: Readonly<IField<bigint>> =
  Field(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n);

/** Points y² = x³ + 4 of the group's order. */
export const G1 = weierstrass<bigint>(
  {
    p: Fp.ORDER,
    n: Fr.ORDER,
    h: 0x396c8c005555e1568c00aaab0000aaabn,
    a: 0n,
    b: 4n,
    Gx: hex(
      "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905",
      "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
    ),
    Gy: hex(
      "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6",
      "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1",
    ),
  },
  { Fp: Fp as IField<bigint>, Fn: Fr as IField<bigint>, allowInfinityPoint: true },
);
export type G1Point = typeof G1.ZERO;

/** Whether a y is the larger of a point's two. */
const isLarger = (y: bigint): boolean => 2n * y >= P;

/** A point as Ethereum writes it: x with three flags. */
export function compress(point: G1Point): Uint8Array {
  if (point.is0()) return bytesOf(COMPRESSED | INFINITY, G1_BYTES);
  const { x, y } = point.toAffine();
  return bytesOf(COMPRESSED | (isLarger(y) ? LARGER : 0n) | x, G1_BYTES);
}

/** A point whose bytes are known to be right: whether it is in the subgroup is not asked. */
export function decompressTrusted(written: bigint): G1Point {
  const x = written & (LARGER - 1n);
  const y = Fp.sqrt(Fp.add(Fp.mul(Fp.sqr(x), x), 4n));
  return G1.fromAffine({ x, y: isLarger(y) === ((written & LARGER) !== 0n) ? y : Fp.neg(y) });
}
