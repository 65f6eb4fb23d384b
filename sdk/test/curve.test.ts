import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, Fn, N, timesGenerator, timesVartime, ZERO } from "../src/curve.js";
import { base, Fp5, isSquare, type Quintic, quinticToBytes } from "../src/extension.js";
import { P } from "../src/field.js";
import { fromHex, reversed, toHex } from "../src/hex.js";
import { publicKeyFromHex, reduceWide, scalarFromBytes, scalarToBytes } from "../src/key.js";
import { elements, vectors } from "./vectors.js";

const file = vectors<{
  "multiples of the generator": { scalar: string; w: string; x: string[]; u: string[] }[];
  "refused as keys": { reason: string; w: string }[];
  "residues of 640-bit integers": { bytes: string; scalar: string }[];
}>("ledger/vectors/point.json");

const quintic = (digits: readonly string[]): Quintic => elements(digits) as unknown as Quintic;

test("multiples of the generator have the encodings of the vectors", () => {
  for (const { scalar, w, x, u } of file["multiples of the generator"]) {
    const integer = scalarFromBytes(fromHex(scalar));
    const encoding = encode(timesGenerator(integer));
    assert.equal(toHex(quinticToBytes(encoding)), w);
    assert.deepEqual(Fp5.inv(encoding), quintic(u), "u is 1/w");
    // The element is (b, x, 1, w) as (X, Z, U, T), where x is that of its image.
    const image = Fp5.sub(timesGenerator(integer).toAffine().x, Fp5.div(base(2n), 3n));
    assert.deepEqual(Fp5.div([0n, 263n, 0n, 0n, 0n], image), quintic(x));
    assert.ok(decode(encoding).equals(timesGenerator(integer)));
    assert.ok(timesVartime(decode(base(4n)), integer).equals(timesGenerator(integer)));
  }
  assert.equal(file["multiples of the generator"].length, 4);
});

test("the group has order n", () => {
  const last = timesGenerator(N - 1n);
  assert.ok(last.add(timesGenerator(1n)).equals(ZERO));
  assert.deepEqual(encode(last), Fp5.neg(base(4n)));
  assert.throws(() => timesGenerator(N));
  assert.deepEqual(encode(ZERO), Fp5.ZERO);
  assert.ok(decode(Fp5.ZERO).equals(ZERO));
});

test("what is no key is refused", () => {
  for (const { reason, w } of file["refused as keys"]) {
    const code = reason.includes("neutral") ? "neutral_key" : "not_on_curve";
    assert.throws(() => publicKeyFromHex(w), { code }, w);
  }
  assert.equal(file["refused as keys"].length, 8);
});

test("encodings that are not canonical are refused", () => {
  const key = quinticToBytes(encode(timesGenerator(2n)));
  key.set(reversed(fromHex(`0x${P.toString(16)}`)), 0);
  assert.throws(() => publicKeyFromHex(toHex(key)), { code: "not_canonical" });
  assert.deepEqual(scalarFromBytes(scalarToBytes(N - 1n)), N - 1n);
  assert.throws(() => scalarFromBytes(scalarToBytes(N)), { code: "not_canonical" });
});

test("residues of long integers are those of the vectors", () => {
  for (const { bytes, scalar } of file["residues of 640-bit integers"]) {
    assert.equal(toHex(scalarToBytes(reduceWide(fromHex(bytes)))), scalar);
  }
});

test("roots, inverses and products of the extension fit together", () => {
  const a: Quintic = [P - 1n, 2n, 3n, 5n, P - 7n];
  const square = Fp5.sqr(a);
  const root = Fp5.sqrt(square);
  assert.ok(Fp5.eql(root, a) || Fp5.eql(root, Fp5.neg(a)));
  assert.deepEqual(Fp5.mul(a, Fp5.inv(a)), Fp5.ONE);
  // p is 2 modulo 5, so 263z is no square, as the protocol says of b.
  assert.ok(!isSquare([0n, 263n, 0n, 0n, 0n]));
  assert.throws(() => Fp5.sqrt([0n, 263n, 0n, 0n, 0n]), { code: "not_on_curve" });
  assert.equal(Fn.create(N + 1n), 1n);
});
