// Keys, and the key that an Ethereum account's signature makes (section 3).

import { shake256 } from "@noble/hashes/sha3.js";
import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { decode, encode, N, timesGenerator } from "./curve.js";
import { SheafError } from "./error.js";
import { Fp5, QUINTIC_BYTES, type Quintic, quinticFromBytes, quinticToBytes } from "./extension.js";
import { bytesOf, fromHex, type Hex, integerOf, reversed, toHex } from "./hex.js";

/** Bytes of a scalar. */
export const SCALAR_BYTES = 40;
/** Bytes that are reduced modulo n: 320 bits more than n has, so that no residue is favoured. */
const WIDE_BYTES = 80;
const L1_SIGNATURE_BYTES = 65;
const PARITY_MIN = 27;

/** A public key: w of a point that is not neutral. */
export type PublicKey = Quintic;

/** The text that an Ethereum account signs to make its key in one rollup. */
export function keyText(chainId: bigint | number, contract: string): string {
  fromHex(contract, 20);
  return [
    "Sign this message only in a Sheaf wallet.",
    "It makes your Sheaf key; whoever has this signature can spend your balance.",
    "",
    `chain ${chainId}`,
    `contract ${contract.toLowerCase()}`,
  ].join("\n");
}

/** 80 little-endian bytes modulo n. */
export function reduceWide(bytes: Uint8Array): bigint {
  return integerOf(reversed(bytes)) % N;
}

/** SHAKE256 of the parts, modulo n. */
export function hashToScalar(name: string, ...parts: Uint8Array[]): bigint {
  return reduceWide(shake256(concatBytes(utf8ToBytes(name), ...parts), { dkLen: WIDE_BYTES }));
}

/** A scalar as 40 little-endian bytes. */
export function scalarToBytes(scalar: bigint): Uint8Array {
  return reversed(bytesOf(scalar, SCALAR_BYTES));
}

/** Reads what `scalarToBytes` writes, and refuses n and more. */
export function scalarFromBytes(bytes: Uint8Array): bigint {
  const scalar = integerOf(reversed(bytes));
  if (bytes.length !== SCALAR_BYTES || scalar >= N) {
    throw new SheafError("not_canonical", "a scalar has 40 bytes and is below the group's order");
  }
  return scalar;
}

/** Reads a public key of 40 bytes, and refuses what is no key. */
export function publicKeyFromHex(text: string): PublicKey {
  const key = quinticFromBytes(fromHex(text, QUINTIC_BYTES));
  if (Fp5.is0(key)) throw new SheafError("neutral_key", "the neutral point is no key");
  decode(key);
  return key;
}

/** A public key as `0x` and 80 digits. */
export function publicKeyToHex(key: PublicKey): Hex {
  return toHex(quinticToBytes(key));
}

/** A secret key. Neither logs nor JSON show its scalar. */
export class SecretKey {
  readonly #scalar: bigint;
  /** The key that belongs to the secret. */
  readonly publicKey: PublicKey;

  private constructor(scalar: bigint) {
    if (scalar === 0n) throw new SheafError("zero_secret", "zero is no secret key");
    this.#scalar = scalar;
    this.publicKey = encode(timesGenerator(scalar));
  }

  /** Reads a secret of 40 little-endian bytes. */
  static fromBytes(bytes: Uint8Array): SecretKey {
    return new SecretKey(scalarFromBytes(bytes));
  }

  /** The key that an Ethereum account's signature of `keyText` makes. */
  static fromL1Signature(signature: Hex): SecretKey {
    const bytes = fromHex(signature, L1_SIGNATURE_BYTES);
    const [parity = 0] = bytes.slice(-1);
    // Some wallets write the parity itself.
    const v = parity < 2 ? parity + PARITY_MIN : parity;
    if (v !== PARITY_MIN && v !== PARITY_MIN + 1) {
      const message = `an Ethereum signature ends in 27 or 28, not in ${parity}`;
      throw new SheafError("malformed_signature", message);
    }
    bytes[L1_SIGNATURE_BYTES - 1] = v;
    return new SecretKey(hashToScalar("Sheaf key v1", bytes));
  }

  /** The secret's 40 bytes. Whoever has these bytes can spend the owner's balance. */
  toBytes(): Uint8Array {
    return scalarToBytes(this.#scalar);
  }

  /** The secret as an integer, for signing. */
  scalar(): bigint {
    return this.#scalar;
  }

  toJSON(): string {
    return publicKeyToHex(this.publicKey);
  }
}

/**
 * Derives the key of an Ethereum account: asks twice for the signature of `text` and compares,
 * because a wallet whose signatures are random could never make the key again.
 */
export async function deriveKey(
  signText: (text: string) => Promise<Hex>,
  text: string,
): Promise<SecretKey> {
  const signature = await signText(text);
  if ((await signText(text)).toLowerCase() !== signature.toLowerCase()) {
    const message =
      "the wallet signs the same text differently each time, so a key made of its \
signature would be lost: use an account of another wallet";
    throw new SheafError("wallet_signature_changes", message);
  }
  return SecretKey.fromL1Signature(signature);
}
