// The Goldilocks field GF(p), p = 2^64 − 2^32 + 1, whose elements are integers below p.

import { Field, type IField } from "@noble/curves/abstract/modular.js";
import { SheafError } from "./error.js";
import { bytesOf, integerOf } from "./hex.js";

/** The order of the field. */
export const P = 2n ** 64n - 2n ** 32n + 1n;

/** Bytes of an element. */
export const ELEMENT_BYTES = 8;

/** The field's arithmetic. */
export const Fp: Readonly<IField<bigint>> = Field(P);

/** The element, or an error if the integer is no canonical one. */
export function canonical(element: bigint): bigint {
  if (element < 0n || element >= P) {
    throw new SheafError("not_canonical", `${element} is no element of the Goldilocks field`);
  }
  return element;
}

/** Elements as 8 big-endian bytes each, in order. */
export function elementsToBytes(elements: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(elements.length * ELEMENT_BYTES);
  for (const [index, element] of elements.entries()) {
    bytes.set(bytesOf(canonical(element), ELEMENT_BYTES), index * ELEMENT_BYTES);
  }
  return bytes;
}

/** Reads what `elementsToBytes` writes, and refuses an element of p or more. */
export function elementsFromBytes(bytes: Uint8Array): bigint[] {
  const elements: bigint[] = [];
  for (let start = 0; start < bytes.length; start += ELEMENT_BYTES) {
    elements.push(canonical(integerOf(bytes.slice(start, start + ELEMENT_BYTES))));
  }
  return elements;
}

/** The lowest `count` limbs of 62 bits of an integer, lowest first. */
export function limbsOf(integer: bigint, count: number): bigint[] {
  const limb = (index: number) => (integer >> BigInt(index * LIMB_BITS)) & LIMB_MASK;
  return Array.from({ length: count }, (_, index) => limb(index));
}

/** The integer with these limbs of 62 bits, lowest first. */
export function integerOfLimbs(limbs: readonly bigint[]): bigint {
  return limbs.reduceRight((integer, limb) => (integer << BigInt(LIMB_BITS)) | limb, 0n);
}

/** Bits of a limb of a large integer. */
export const LIMB_BITS = 62;
const LIMB_MASK = 2n ** BigInt(LIMB_BITS) - 1n;
