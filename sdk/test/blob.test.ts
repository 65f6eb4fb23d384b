import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import {
  BLOB_BYTES,
  BLOB_WORDS,
  KzgSetup,
  versionedHashOf,
  wordsOfBlob,
  wordsOfVersionedBlob,
} from "../src/blob.js";
import { bytesOf, fromHex, integerOf, toHex } from "../src/hex.js";

const { Fr } = bls12_381.fields;
const path = new URL("../../node_modules/viem/trusted-setups/mainnet.json", import.meta.url);
const points = (JSON.parse(readFileSync(path, "utf8")) as { g1_monomial: string[] }).g1_monomial;
const setup = new KzgSetup(points);
/** The versioned hash of the blob of zeros, as every Ethereum client has it. */
const ZERO_HASH = "0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";

/** The blob of a polynomial, value by value and without a Fourier transform. */
function blobOf(words: readonly bigint[]): Uint8Array {
  const root = Fr.pow(7n, (Fr.ORDER - 1n) / BigInt(BLOB_WORDS));
  const blob = new Uint8Array(BLOB_BYTES);
  for (let index = 0; index < BLOB_WORDS; index += 1) {
    const bits = index.toString(2).padStart(12, "0");
    const place = Number.parseInt([...bits].reverse().join(""), 2);
    const at = Fr.pow(root, BigInt(place));
    const value = words.reduceRight((sum, word) => Fr.create(sum * at + word), 0n);
    blob.set(bytesOf(value, 32), 32 * index);
  }
  return blob;
}

const words = [5n, 0n, 2n ** 248n - 1n, 7n];
const blob = blobOf(words);

test("a blob's words are its polynomial's coefficients", () => {
  const found = wordsOfBlob(blob);
  assert.equal(found.length, BLOB_WORDS);
  assert.deepEqual(found.slice(0, 4), words);
  assert.ok(found.slice(4).every(word => word === 0n));
});

test("what no batch publishes is refused", () => {
  const refused = { code: "malformed_blob" };
  assert.throws(() => wordsOfBlob(blob.slice(1)), refused);
  const large = blob.slice();
  large.set(bytesOf(Fr.ORDER, 32));
  assert.throws(() => wordsOfBlob(large), refused);
  // The same value modulo the field's order.
  large.set(bytesOf(integerOf(blob.slice(0, 32)) + Fr.ORDER, 32));
  assert.throws(() => wordsOfBlob(large), refused);
  assert.throws(() => wordsOfBlob(blobOf([2n ** 248n])), refused);
});

test("the hash of the blob of zeros is Ethereum's", () => {
  assert.equal(versionedHashOf([], setup), ZERO_HASH);
  const zeros = new Uint8Array(BLOB_BYTES);
  assert.equal(wordsOfVersionedBlob(zeros, ZERO_HASH, setup).length, BLOB_WORDS);
});

test("the hash of a power of the polynomial's variable is that of the setup's point", () => {
  for (const [index, point] of points.slice(0, 3).entries()) {
    const hash = sha256(fromHex(point));
    hash[0] = 1;
    const power = [...new Array<bigint>(index).fill(0n), 1n];
    assert.equal(versionedHashOf(power, setup), toHex(hash));
  }
});

test("a blob of another hash is refused, though it has as many words", () => {
  const hash = versionedHashOf(words, setup);
  assert.deepEqual(wordsOfVersionedBlob(blob, hash, setup).slice(0, 4), words);
  const others = [[5n, 0n, 2n ** 248n - 1n, 8n], [5n], [...words, 1n]];
  for (const other of others) {
    assert.throws(() => wordsOfVersionedBlob(blobOf(other), hash, setup), {
      code: "malformed_blob",
    });
  }
});

test("the points of another setup are refused", () => {
  const [first = "", second = ""] = points;
  assert.throws(() => new KzgSetup([second, first, ...points.slice(2)]), {
    code: "malformed_setup",
  });
  assert.throws(() => new KzgSetup(points.slice(1)), { code: "malformed_setup" });
});
