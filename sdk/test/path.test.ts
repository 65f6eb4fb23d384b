import assert from "node:assert/strict";
import { test } from "node:test";
import { P } from "../src/field.js";
import { domainOf, ownerFromText, ownerToHex } from "../src/owner.js";
import { isInState, leafOf, rootOf, type Slot, stateDigest } from "../src/path.js";
import { digestFromHex, digestToHex } from "../src/poseidon.js";
import { vectors } from "./vectors.js";

interface Side {
  slots: { owner: string; token: number; balance: string; nonce: number }[];
  owners: string[];
  leaves: string[];
  root: string;
  state: string;
}

const file = vectors<{
  chain_id: number;
  contract: string;
  first_state: string;
  empty_subtrees: string[];
  before: Side;
  after: Side;
  paths_before: { slot: number; leaf: string; siblings: string[] }[];
}>("ledger/vectors/tree.json");
const domain = domainOf(file.chain_id, file.contract);

const slotOf = (side: Side, index: number): Slot => {
  const found = side.slots[index];
  assert.ok(found);
  const { owner, token, balance, nonce } = found;
  return { index, owner: ownerFromText(owner), token, balance: BigInt(balance), nonce };
};

test("leaves, owners and states are those of the vectors", () => {
  for (const side of [file.before, file.after]) {
    for (const index of side.slots.keys()) {
      const slot = slotOf(side, index);
      assert.equal(digestToHex(leafOf(slot)), side.leaves[index]);
      assert.equal(ownerToHex(slot.owner), side.owners[index]);
    }
    const nextSlot = BigInt(side.slots.length);
    const root = digestFromHex(side.root);
    assert.equal(digestToHex(stateDigest({ root, nextSlot, domain })), side.state);
  }
  const root = digestFromHex(file.empty_subtrees.at(-1) ?? "");
  assert.equal(digestToHex(stateDigest({ root, nextSlot: 0n, domain })), file.first_state);
});

test("each path of the vectors leads to the root", () => {
  for (const { slot, leaf, siblings } of file.paths_before) {
    const path = siblings.map(digestFromHex);
    assert.equal(digestToHex(rootOf(digestFromHex(leaf), slot, path)), file.before.root);
  }
  assert.equal(file.paths_before.length, 5);
});

test("a slot is in the state that has it, and nothing else is", () => {
  const { slot: index, siblings } = file.paths_before[1] ?? { slot: 0, siblings: [] };
  const slot = slotOf(file.before, index);
  const path = { siblings: siblings.map(digestFromHex), nextSlot: 5n, domain };
  const state = digestFromHex(file.before.state);
  assert.ok(isInState(slot, path, state));
  const others: Slot[] = [
    { ...slot, balance: slot.balance + 1n },
    { ...slot, nonce: slot.nonce + 1 },
    { ...slot, token: slot.token === 0 ? 1 : 0 },
    { ...slot, index: slot.index ^ 1 },
    { ...slot, owner: slotOf(file.before, index === 1 ? 0 : 1).owner },
  ];
  for (const other of others) assert.ok(!isInState(other, path, state));
  assert.ok(!isInState(slot, { ...path, nextSlot: 6n }, state));
  assert.ok(!isInState(slot, { ...path, domain: domainOf(1, file.contract) }, state));
  assert.ok(!isInState(slot, path, digestFromHex(file.after.state)));
});

test("values that only look like the slot's are refused", () => {
  const { siblings } = file.paths_before[0] ?? { siblings: [] };
  const slot = slotOf(file.before, 0);
  const path = { siblings: siblings.map(digestFromHex), nextSlot: 5n, domain };
  const state = digestFromHex(file.before.state);
  assert.ok(isInState(slot, path, state));
  // Both would hash to the slot's leaf, if hashing took them modulo p and paths modulo 2^32.
  const richer = { ...slot, balance: slot.balance + P };
  assert.throws(() => isInState(richer, path, state), { code: "not_canonical" });
  const farther = { ...slot, index: slot.index + 2 ** 32 };
  assert.throws(() => isInState(farther, path, state), { code: "malformed_answer" });
  const short = { ...path, siblings: path.siblings.slice(1) };
  assert.throws(() => isInState(slot, short, state), { code: "malformed_answer" });
});
