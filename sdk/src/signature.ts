// Signatures of messages (section 3): R, then s, forty bytes each.

import { randomBytes } from "@noble/hashes/utils.js";
import { decode, encode, Fn, timesGenerator, timesVartime, ZERO } from "./curve.js";
import { SheafError } from "./error.js";
import { Fp5, QUINTIC_BYTES, type Quintic, quinticFromBytes, quinticToBytes } from "./extension.js";
import { elementsToBytes } from "./field.js";
import { fromHex, type Hex, toHex } from "./hex.js";
import {
  hashToScalar,
  type PublicKey,
  SCALAR_BYTES,
  type SecretKey,
  scalarFromBytes,
  scalarToBytes,
} from "./key.js";
import { type Digest, hash, TAG } from "./poseidon.js";

/** Bytes of a signature. */
export const SIGNATURE_BYTES = QUINTIC_BYTES + SCALAR_BYTES;
/** Fresh randomness in each signature's k. */
const RANDOM_BYTES = 32;

/** The challenge of a signature, an integer of 128 bits. */
export function challengeOf(r: Quintic, key: PublicKey, message: Digest): bigint {
  const [d0, d1] = hash(TAG.challenge, [...r, ...key, ...message]);
  return d0 + (d1 << 64n);
}

/** Signs a message. `random` is 32 bytes that were never used before. */
export function sign(secret: SecretKey, message: Digest, random = randomBytes(RANDOM_BYTES)): Hex {
  const bytes = elementsToBytes(message);
  const k = hashToScalar("Sheaf nonce v1", secret.toBytes(), bytes, random);
  if (k === 0n) throw new SheafError("zero_secret", "the signature's k is zero: sign again");
  const r = encode(timesGenerator(k));
  const challenge = challengeOf(r, secret.publicKey, message);
  const s = Fn.add(k, Fn.mul(challenge, secret.scalar()));
  return toHex(new Uint8Array([...quinticToBytes(r), ...scalarToBytes(s)]));
}

/**
 * Whether a signature is valid. Its key and its message are public.
 *
 * Throws `malformed_hex` for a text of another length.
 */
export function verify(signature: string, key: PublicKey, message: Digest): boolean {
  const bytes = fromHex(signature, SIGNATURE_BYTES);
  try {
    const r = quinticFromBytes(bytes.slice(0, QUINTIC_BYTES));
    const s = scalarFromBytes(bytes.slice(QUINTIC_BYTES));
    if (Fp5.is0(r) || Fp5.is0(key)) return false;
    const [pointOfR, pointOfKey] = [decode(r), decode(key)];
    const left = s === 0n ? ZERO : timesGenerator(s);
    const challenge = challengeOf(r, key, message);
    return left.equals(pointOfR.add(timesVartime(pointOfKey, challenge)));
  } catch (error) {
    if (error instanceof SheafError) return false;
    throw error;
  }
}
