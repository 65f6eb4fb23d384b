// Words: what a batch publishes, 31 bytes at a time (section 7).
//
// A word is an integer below 2^248, published as 32 big-endian bytes. Its limbs have 62 bits.

import { SheafError } from "./error.js";
import { limbsOf, P } from "./field.js";
import { bytesOf, integerOf } from "./hex.js";
import type { Owner } from "./owner.js";

/** Bytes of a published word. */
export const WORD_BYTES = 32;
/** Limbs of a word. */
const WORD_LIMBS = 4;
/** Words are below this bound. */
export const WORD_BOUND = 2n ** 248n;
/** Bits of the code of a kind, in the last limb. */
const CODE_BITS = 4n;
/** High bits of each element of an owner, in the last limb of the owner's word. */
const HIGH_BITS = 2n;

/** The codes of entries, in data words and L1 words. */
export const KIND = {
  open: 1n,
  debit: 2n,
  credit: 3n,
  withdraw: 4n,
  deposit: 5n,
  exit: 6n,
  collect: 7n,
} as const;

/** The error for a word that no entry publishes. */
export const unknownWord = (word: bigint): SheafError =>
  new SheafError("malformed_words", `no entry publishes the word ${word.toString(16)}`);

/** The words of a stream of 32 bytes each. */
export function wordsOf(stream: Uint8Array): bigint[] {
  const words: bigint[] = [];
  for (let start = 0; start < stream.length; start += WORD_BYTES) {
    const word = stream.slice(start, start + WORD_BYTES);
    if (word.length !== WORD_BYTES || word[0] !== 0) {
      const message = "a stream has whole words of 32 bytes, the first of which is zero";
      throw new SheafError("malformed_words", message);
    }
    words.push(integerOf(word));
  }
  return words;
}

/** The stream that publishes these words. */
export function streamOf(words: readonly bigint[]): Uint8Array {
  const stream = new Uint8Array(words.length * WORD_BYTES);
  for (const [index, word] of words.entries()) {
    stream.set(bytesOf(word, WORD_BYTES), index * WORD_BYTES);
  }
  return stream;
}

/** The words of entries: without the zero words at the end, which are padding. */
export function withoutPadding(words: readonly bigint[]): bigint[] {
  const count = words.findLastIndex(word => word !== 0n) + 1;
  const used = words.slice(0, count);
  if (used.includes(0n)) {
    throw new SheafError("malformed_words", "a zero word stands before another word");
  }
  return used;
}

/** A word's limbs, and its last limb in code and the rest. */
export interface Parts {
  limbs: [bigint, bigint, bigint];
  code: bigint;
  rest: bigint;
}

/** Takes a word apart. */
export function partsOf(word: bigint): Parts {
  const [w0 = 0n, w1 = 0n, w2 = 0n, w3 = 0n] = limbsOf(word, WORD_LIMBS);
  const code = w3 & ((1n << CODE_BITS) - 1n);
  return { limbs: [w0, w1, w2], code, rest: w3 >> CODE_BITS };
}

/** The last limb of a word: its code and the rest. */
export const lastLimb = (code: bigint, rest: bigint): bigint => code | (rest << CODE_BITS);

/** An owner in four limbs: the low 62 bits of each element, then the three pairs of high bits. */
export function ownerToLimbs(owner: Owner): [bigint, bigint, bigint, bigint] {
  const [low0 = 0n, low1 = 0n, low2 = 0n] = owner.flatMap(element => limbsOf(element, 1));
  const highs = owner.map((element, index) => (element >> 62n) << (HIGH_BITS * BigInt(index)));
  return [low0, low1, low2, highs.reduce((all, high) => all | high, 0n)];
}

/** Reads what `ownerToLimbs` writes, modulo p; nothing if the high bits are more than six. */
export function ownerFromLimbs(lows: readonly bigint[], highs: bigint): Owner | undefined {
  if (highs >= 64n) return undefined;
  const element = (index: number) => {
    const high = (highs >> (HIGH_BITS * BigInt(index))) & 3n;
    return ((lows[index] ?? 0n) | (high << 62n)) % P;
  };
  return [element(0), element(1), element(2)];
}
