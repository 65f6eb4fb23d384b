// Owners, L1 addresses and the domain of a rollup (section 3).

import { bech32m } from "@scure/base";
import { SheafError } from "./error.js";
import { elementsFromBytes, elementsToBytes, limbsOf } from "./field.js";
import { fromHex, type Hex, integerOf, toHex } from "./hex.js";
import type { PublicKey } from "./key.js";
import { hash, TAG } from "./poseidon.js";

/** Three elements. */
export type Triple = readonly [bigint, bigint, bigint];
/** The L2 address of a key and an L1 address. */
export type Owner = Triple;
/** What distinguishes the messages of one rollup from those of every other. */
export type Domain = Triple;

const PREFIX = "sheaf";
const OWNER_BYTES = 24;
const ADDRESS_BYTES = 20;
/** Limbs of an L1 address and of a chain id. */
const ADDRESS_LIMBS = 3;
const CHAIN_ID_LIMBS = 5;

const triple = (elements: readonly bigint[]): Triple => {
  const [a, b, c] = elements;
  if (a === undefined || b === undefined || c === undefined) {
    throw new SheafError("malformed_owner", "an owner has three elements");
  }
  return [a, b, c];
};

/** An L1 address as three elements. */
export function addressLimbs(address: string): Triple {
  return triple(limbsOf(integerOf(fromHex(address, ADDRESS_BYTES)), ADDRESS_LIMBS));
}

/** The owner that a key and an L1 address open. */
export function ownerOf(key: PublicKey, address: string): Owner {
  return triple(hash(TAG.owner, [...key, ...addressLimbs(address)]));
}

/** The domain of the rollup with this contract on this chain. */
export function domainOf(chainId: bigint | number, contract: string): Domain {
  const chain = limbsOf(BigInt(chainId), CHAIN_ID_LIMBS);
  return triple(hash(TAG.domain, [...chain, ...addressLimbs(contract)]));
}

/** An owner's 24 bytes, as L1 takes them. */
export function ownerToHex(owner: Owner): Hex {
  return toHex(elementsToBytes(owner));
}

/** Reads what `ownerToHex` writes. */
export function ownerFromHex(text: string): Owner {
  return triple(elementsFromBytes(fromHex(text, OWNER_BYTES)));
}

/** The text of an owner, `sheaf1…`. */
export function ownerToText(owner: Owner): string {
  return bech32m.encodeFromBytes(PREFIX, elementsToBytes(owner));
}

/** Reads the text of an owner, all in lower or all in upper case. */
export function ownerFromText(text: string): Owner {
  const found = bech32m.decodeUnsafe(text);
  const bytes = found?.prefix === PREFIX ? bech32m.fromWordsUnsafe(found.words) : undefined;
  if (!(bytes instanceof Uint8Array) || bytes.length !== OWNER_BYTES) {
    const message = `"${text}" is no L2 address: copy it again, 51 characters from sheaf1 on`;
    throw new SheafError("malformed_owner", message);
  }
  return triple(elementsFromBytes(bytes));
}
