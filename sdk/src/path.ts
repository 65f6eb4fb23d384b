// A slot's path in the tree of slots, and the State of a rollup (section 5).

import { SheafError } from "./error.js";
import type { Domain, Owner } from "./owner.js";
import { type Digest, hash, TAG } from "./poseidon.js";

/** The height of the tree of slots. */
export const TREE_HEIGHT = 32;

/** An open slot. */
export interface Slot {
  index: number;
  owner: Owner;
  token: number;
  /** L2 units. */
  balance: bigint;
  nonce: number;
}

/** A state of the rollup, whose digest the contract keeps. */
export interface State {
  root: Digest;
  nextSlot: bigint;
  domain: Domain;
}

/** The leaf of a slot. */
export function leafOf({ owner, token, balance, nonce }: Slot): Digest {
  return hash(TAG.leaf, [...owner, BigInt(token), balance, BigInt(nonce)]);
}

/** The root to which a leaf and its siblings lead; the leaf's own sibling is the first. */
export function rootOf(leaf: Digest, index: number, siblings: readonly Digest[]): Digest {
  if (siblings.length !== TREE_HEIGHT) {
    const message = `a path has ${TREE_HEIGHT} siblings, not ${siblings.length}`;
    throw new SheafError("malformed_answer", message);
  }
  if (!Number.isInteger(index) || index < 0 || index >= 2 ** TREE_HEIGHT) {
    throw new SheafError("malformed_answer", `${index} is no index of a slot`);
  }
  let node = leaf;
  for (const [height, sibling] of siblings.entries()) {
    const isRight = Math.floor(index / 2 ** height) % 2 === 1;
    node = hash(TAG.node, isRight ? [...sibling, ...node] : [...node, ...sibling]);
  }
  return node;
}

/** The digest of a state. */
export function stateDigest({ root, nextSlot, domain }: State): Digest {
  return hash(TAG.state, [...root, nextSlot, ...domain]);
}

/** Whether a slot is in the tree of the state with this digest. */
export function isInState(
  slot: Slot,
  path: { siblings: readonly Digest[]; nextSlot: bigint; domain: Domain },
  digest: Digest,
): boolean {
  const root = rootOf(leafOf(slot), slot.index, path.siblings);
  const found = stateDigest({ root, nextSlot: path.nextSlot, domain: path.domain });
  return found.every((element, index) => element === digest[index]);
}
