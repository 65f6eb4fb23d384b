// GF(p^5) = GF(p)[z]/(z^5 − 3): five elements, constant term first.
//
// noble has no extension of degree 5, so the products are written out here. The object has the
// form that noble's curves take as their field.

import { FpInvertBatch, FpPow, type IField } from "@noble/curves/abstract/modular.js";
import { SheafError } from "./error.js";
import { canonical, ELEMENT_BYTES, Fp, P } from "./field.js";
import { bytesOf, integerOf, reversed } from "./hex.js";

/** An element of GF(p^5). */
export type Quintic = readonly [bigint, bigint, bigint, bigint, bigint];

/** The degree of the extension. */
const DEGREE = 5;
/** Bytes of an element. */
export const QUINTIC_BYTES = DEGREE * ELEMENT_BYTES;

/** An element of GF(p) in the extension. */
export const base = (element: bigint): Quintic => [Fp.create(element), 0n, 0n, 0n, 0n];

const map = (a: Quintic, f: (element: bigint, index: number) => bigint): Quintic =>
  a.map(f) as unknown as Quintic;

const at = (a: readonly bigint[], index: number): bigint => a[index] ?? 0n;

function product(a: Quintic, b: Quintic): Quintic {
  const [a0, a1, a2, a3, a4] = a;
  const [b0, b1, b2, b3, b4] = b;
  return [
    (a0 * b0 + 3n * (a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1)) % P,
    (a0 * b1 + a1 * b0 + 3n * (a2 * b4 + a3 * b3 + a4 * b2)) % P,
    (a0 * b2 + a1 * b1 + a2 * b0 + 3n * (a3 * b4 + a4 * b3)) % P,
    (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + 3n * (a4 * b4)) % P,
    (a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0) % P,
  ];
}

/** z^(i·p^k) is z^i times this factor, for the first and second power of Frobenius' map. */
const FROBENIUS = [1n, 2n].map(k =>
  Array.from({ length: DEGREE }, (_, i) => Fp.pow(3n, (BigInt(i) * (P ** k - 1n)) / 5n)),
);

const frobenius = (a: Quintic, power: 1 | 2): Quintic =>
  map(a, (element, i) => Fp.mul(element, at(FROBENIUS[power - 1] ?? [], i)));

/** a^(p + p^2 + p^3 + p^4), which makes a's norm when multiplied by a. */
function conjugates(a: Quintic): Quintic {
  const two = product(frobenius(a, 1), frobenius(a, 2));
  return product(two, frobenius(two, 2));
}

/** The norm of an element: its power 1 + p + p^2 + p^3 + p^4, which is in GF(p). */
const norm = (a: Quintic): bigint => product(a, conjugates(a))[0];

function inverse(a: Quintic): Quintic {
  const others = conjugates(a);
  // noble's inverse refuses zero.
  const scale = Fp.inv(product(a, others)[0]);
  return map(others, element => Fp.mul(element, scale));
}

/** Half of the norm's exponent plus one half. */
const ROOT_EXPONENT = ((P ** 5n - 1n) / (P - 1n) + 1n) / 2n;

/** Whether an element is the square of an element of GF(p^5). */
export function isSquare(a: Quintic): boolean {
  return Fp.pow(norm(a), (P - 1n) / 2n) !== P - 1n;
}

/** A square root of a square. */
function squareRoot(a: Quintic): Quintic {
  if (Fp5.is0(a)) return a;
  if (!isSquare(a)) throw new SheafError("not_on_curve", "the element has no square root");
  // With e = ROOT_EXPONENT, a^(2e) is a times the norm.
  const scale = Fp.inv(Fp.sqrt(norm(a)));
  return map(FpPow(Fp5, a, ROOT_EXPONENT), element => Fp.mul(element, scale));
}

const multiply = (a: Quintic, b: Quintic | bigint): Quintic =>
  typeof b === "bigint" ? map(a, element => Fp.mul(element, Fp.create(b))) : product(a, b);
const add = (a: Quintic, b: Quintic): Quintic => map(a, (element, i) => Fp.add(element, at(b, i)));
const subtract = (a: Quintic, b: Quintic): Quintic =>
  map(a, (element, i) => Fp.sub(element, at(b, i)));
const square = (a: Quintic): Quintic => product(a, a);

/** The arithmetic of GF(p^5). */
export const Fp5: IField<Quintic> = {
  ORDER: P ** 5n,
  BYTES: QUINTIC_BYTES,
  BITS: 320,
  isLE: true,
  ZERO: base(0n),
  ONE: base(1n),
  create: a => map(a, element => Fp.create(element)),
  isValid: a => a.length === DEGREE && a.every(element => Fp.isValid(element)),
  is0: a => a.every(element => element === 0n),
  isValidNot0: a => !Fp5.is0(a) && Fp5.isValid(a),
  neg: a => map(a, element => Fp.neg(element)),
  inv: inverse,
  sqrt: squareRoot,
  sqr: square,
  eql: (a, b) => a.every((element, i) => element === b[i]),
  add,
  sub: subtract,
  mul: multiply,
  pow: (a, power) => FpPow(Fp5, a, power),
  div: (a, b) => multiply(a, inverse(typeof b === "bigint" ? base(b) : b)),
  addN: add,
  subN: subtract,
  mulN: multiply,
  sqrN: square,
  invertBatch: list => FpInvertBatch(Fp5, list, true),
  toBytes: a => quinticToBytes(a),
  fromBytes: bytes => quinticFromBytes(bytes),
  cmov: (a, b, condition) => (condition ? b : a),
};

/** The element as forty bytes: each of the five as 8 little-endian bytes. */
export function quinticToBytes(a: Quintic): Uint8Array {
  const bytes = new Uint8Array(QUINTIC_BYTES);
  for (const [index, element] of a.entries()) {
    bytes.set(reversed(bytesOf(element, ELEMENT_BYTES)), index * ELEMENT_BYTES);
  }
  return bytes;
}

/** Reads what `quinticToBytes` writes, and refuses elements of p or more. */
export function quinticFromBytes(bytes: Uint8Array): Quintic {
  const element = (index: number) => {
    const start = index * ELEMENT_BYTES;
    return canonical(integerOf(reversed(bytes.slice(start, start + ELEMENT_BYTES))));
  };
  return [element(0), element(1), element(2), element(3), element(4)];
}
