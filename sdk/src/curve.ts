// EcGFp5 (section 3): the group of keys and signatures, over noble's Weierstrass curves.
//
// The protocol's elements map one to one to the points of order n of y² = x(x² + 2x + b). With
// X = x + 2/3 this is Y² = X³ + aX + c, which noble computes with complete formulas.

import { Field, type IField } from "@noble/curves/abstract/modular.js";
import { type WeierstrassPoint, weierstrass } from "@noble/curves/abstract/weierstrass.js";
import { SheafError } from "./error.js";
import { base, Fp5, isSquare, type Quintic } from "./extension.js";

/** The order of the group. */
export const N =
  0x7ffffffd800000077ffffff1000000167fffffe6cfb80639e8885c39d724a09ce80fd996948bffe1n;

/** Arithmetic of scalars, modulo n. */
export const Fn: Readonly<IField<bigint>> = Field(N);

/** A point of order n, or zero: the image of an element of the group. */
export type Point = WeierstrassPoint<Quintic>;

const B: Quintic = [0n, 263n, 0n, 0n, 0n];
const TWO_THIRDS = Fp5.div(base(2n), 3n);
const TWO = base(2n);
/** The w of the generator. */
const GENERATOR = base(4n);
/** Bits of a place of the generator's table: 64 places of 16 multiples, made in about 30 ms. */
const TABLE_BITS = 5;

/** The x and y of an encoding, or nothing if no point has it. */
function coordinatesOf(w: Quintic): { x: Quintic; y: Quintic } | undefined {
  // The two solutions of x² − (w² − 2)x + b = 0 have a product that is no square.
  const sum = Fp5.sub(Fp5.sqr(w), TWO);
  const discriminant = Fp5.sub(Fp5.sqr(sum), Fp5.mul(B, 4n));
  if (!isSquare(discriminant)) return undefined;
  const root = Fp5.sqrt(discriminant);
  const solutions = [Fp5.add(sum, root), Fp5.sub(sum, root)].map(twice => Fp5.div(twice, 2n));
  const x = solutions.find(isSquare);
  return x && { x, y: Fp5.neg(Fp5.mul(w, x)) };
}

const generator = coordinatesOf(GENERATOR);
if (generator === undefined) throw new SheafError("not_on_curve", "the generator is on the curve");

const Group = weierstrass<Quintic>(
  {
    p: Fp5.ORDER,
    n: N,
    h: 2n,
    a: Fp5.sub(B, Fp5.div(base(4n), 3n)),
    b: Fp5.sub(Fp5.div(base(16n), 27n), Fp5.mul(B, TWO_THIRDS)),
    Gx: Fp5.add(generator.x, TWO_THIRDS),
    Gy: generator.y,
  },
  { Fp: Fp5, Fn: Fn as IField<bigint>, allowInfinityPoint: true },
);
// The table is made when the first product is wanted.
Group.BASE.precompute(TABLE_BITS, true);

/** The neutral element's image. */
export const ZERO: Point = Group.ZERO;

/** A secret scalar times the generator; the scalar is from 1 to n − 1. */
export function timesGenerator(scalar: bigint): Point {
  return Group.BASE.multiply(scalar);
}

/** A public scalar times a point, in a time that depends on both. */
export function timesVartime(point: Point, scalar: bigint): Point {
  return point.multiplyUnsafe(scalar);
}

/** The point with this encoding. */
export function decode(w: Quintic): Point {
  if (!Fp5.isValid(w)) throw new SheafError("not_canonical", "an element is not below p");
  if (Fp5.is0(w)) return ZERO;
  const found = coordinatesOf(w);
  if (found === undefined) {
    throw new SheafError("not_on_curve", "the encoding belongs to no point of the curve");
  }
  return Group.fromAffine({ x: Fp5.add(found.x, TWO_THIRDS), y: found.y });
}

/** The w of a point. */
export function encode(point: Point): Quintic {
  // noble writes zero as x = 0 and y = 0, which makes the w of the neutral element.
  const { x, y } = point.toAffine();
  return Fp5.neg(Fp5.div(y, Fp5.sub(x, TWO_THIRDS)));
}
