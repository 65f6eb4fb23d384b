// A batch that fills a blob. Its words grow evenly, so that the blob is known without a Fourier
// transform: where x^n = 1 and x ≠ 1, the sum of i·x^i over n terms is n/(x − 1).

import type { KzgSetup, PublishedBatch } from "sheaf-sdk";

/** Words of a blob. */
export const WORDS = 4_096;
const BITS = 12;
const VALUE_BYTES = 32;
/** The order of the field of a blob's values. */
const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;
/** A debit of slot 0 with a usual fee, and what each further debit adds to slot and amount. */
const FIRST = 1n | (2_000n << 62n) | (2n << 186n);
const STEP = (1n << 49n) | (1n << 209n);
/** The versioned hash of these words. */
const HASH = "0x012e9c7fb023d6cb743c658a25ab57796e8fb9993ae9e5b349e50457c49a6389";

/** A power modulo the order. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % ORDER;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % ORDER;
    square = (square * square) % ORDER;
  }
  return result;
}

/** The values of the words' polynomial at the roots of unity, in bit-reversed order. */
function blob(): Uint8Array {
  const count = BigInt(WORDS);
  const root = power(7n, (ORDER - 1n) / count);
  const bytes = new Uint8Array(WORDS * VALUE_BYTES);
  for (let index = 0; index < WORDS; index += 1) {
    const reversed = [...index.toString(2).padStart(BITS, "0")].reverse().join("");
    const at = power(root, BigInt(Number.parseInt(reversed, 2)));
    const value =
      at === 1n
        ? count * FIRST + (STEP * count * (count - 1n)) / 2n
        : STEP * count * power(at - 1n, ORDER - 2n);
    const digits = (value % ORDER).toString(16).padStart(2 * VALUE_BYTES, "0");
    const pairs = digits.match(/../g) ?? [];
    bytes.set(
      pairs.map(pair => Number.parseInt(pair, 16)),
      VALUE_BYTES * index,
    );
  }
  return bytes;
}

/** A batch with these words and this proof. */
export function fullBatch(setup: KzgSetup, proof: readonly bigint[]): PublishedBatch {
  const [pre, post, chains] = [1n, 2n, 3n].map(first => [first, 0n, 0n, 0n] as const);
  const header = { number: 1n, timestamp: 1, pre, post, chains } as PublishedBatch["header"];
  const data = { mode: "blobs", versionedHashes: [HASH], blobs: [blob()], setup } as const;
  return { header, l1Stream: new Uint8Array(), data, proof };
}
