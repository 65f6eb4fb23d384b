import assert from "node:assert/strict";
import { test } from "node:test";
import { Fn, N } from "../src/curve.js";
import { Fp5, quinticFromBytes, quinticToBytes } from "../src/extension.js";
import { fromHex, toHex } from "../src/hex.js";
import { publicKeyFromHex, SecretKey, scalarFromBytes, scalarToBytes } from "../src/key.js";
import { digestFromHex } from "../src/poseidon.js";
import { challengeOf, sign, verify } from "../src/signature.js";
import { first, vectors } from "./vectors.js";

const file = vectors<{
  valid: { key: string; secret: string; message: string; signature: string; challenge: string }[];
  invalid: { fault: string; key: string; message: string; signature: string }[];
}>("ledger/vectors/signature.json");

test("signatures of the vectors are valid, with their challenges", () => {
  for (const { key, message, signature, challenge } of file.valid) {
    const digest = digestFromHex(message);
    assert.ok(verify(signature, publicKeyFromHex(key), digest));
    const r = quinticFromBytes(fromHex(signature).slice(0, 40));
    assert.equal(challengeOf(r, publicKeyFromHex(key), digest), BigInt(challenge));
  }
  assert.equal(file.valid.length, 3);
});

test("each fault of the vectors makes a signature invalid", () => {
  for (const { fault, key, message, signature } of file.invalid) {
    assert.ok(!verify(signature, publicKeyFromHex(key), digestFromHex(message)), fault);
  }
  assert.equal(file.invalid.length, 4);
});

test("what is signed is valid for its key and its message alone", () => {
  const [one, other] = file.valid;
  assert.ok(one && other);
  const secret = SecretKey.fromBytes(fromHex(one.secret));
  const message = digestFromHex(one.message);
  const signature = sign(secret, message);
  assert.ok(verify(signature, secret.publicKey, message));
  assert.ok(!verify(signature, publicKeyFromHex(other.key), message));
  assert.ok(!verify(signature, secret.publicKey, digestFromHex(other.message)));
});

test("no two signatures have the same R", () => {
  const secret = SecretKey.fromBytes(fromHex(first(file.valid).secret));
  const message = digestFromHex(first(file.valid).message);
  const [one, two] = [sign(secret, message), sign(secret, message)];
  assert.notEqual(one.slice(0, 82), two.slice(0, 82));
  const random = new Uint8Array(32).fill(7);
  assert.equal(sign(secret, message, random), sign(secret, message, random));
});

test("neither a neutral R nor a neutral key fits, though the equation holds", () => {
  const secret = SecretKey.fromBytes(fromHex(first(file.valid).secret));
  const message = digestFromHex(first(file.valid).message);
  const zero = "00".repeat(40);
  const challenge = challengeOf(Fp5.ZERO, secret.publicKey, message);
  const s = Fn.mul(challenge, secret.scalar());
  const withoutR = `0x${zero}${toHex(scalarToBytes(s)).slice(2)}`;
  assert.ok(!verify(withoutR, secret.publicKey, message));
  const r = toHex(quinticToBytes(secret.publicKey));
  const withoutKey = `${r}${toHex(secret.toBytes()).slice(2)}`;
  assert.ok(!verify(withoutKey, Fp5.ZERO, message));
});

test("an s that is not below n is refused", () => {
  const { key, message, signature } = first(file.valid);
  const bytes = fromHex(signature);
  const s = scalarFromBytes(bytes.slice(40));
  assert.ok(s + N < 2n ** 320n);
  bytes.set(scalarToBytes(s + N), 40);
  assert.ok(!verify(toHex(bytes), publicKeyFromHex(key), digestFromHex(message)));
  const short = signature.slice(0, -2);
  assert.throws(() => verify(short, publicKeyFromHex(key), digestFromHex(message)), {
    code: "malformed_hex",
  });
});
