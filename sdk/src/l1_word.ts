// L1 words: two for each entry that consumes a request or pays out on L1 (section 7).

import { SheafError } from "./error.js";
import { integerOfLimbs } from "./field.js";
import { bytesOf, type Hex, toHex } from "./hex.js";
import type { Owner } from "./owner.js";
import {
  KIND,
  lastLimb,
  ownerFromLimbs,
  ownerToLimbs,
  type Parts,
  partsOf,
  unknownWord,
} from "./word.js";

/** The contract credits an amount to an L1 address. */
export interface WithdrawEffect {
  kind: "withdraw";
  token: number;
  amount: bigint;
  recipient: Hex;
}

/** A deposit request was consumed. */
export interface DepositEffect {
  kind: "deposit";
  token: number;
  amount: bigint;
  owner: Owner;
}

/** An exit request was consumed. Token and amount are zero if the slot is not the owner's. */
export interface ExitEffect {
  kind: "exit";
  slot: number;
  token: number;
  amount: bigint;
  owner: Owner;
}

/** What an entry does on L1, with amounts in L2 units. */
export type L1Effect = WithdrawEffect | DepositEffect | ExitEffect;

const TOKEN_BITS = 16n;
const SLOT_BITS = 32n;
const ADDRESS_BYTES = 20;

/** Reads a pair of L1 words, and refuses one with a bit that no entry sets. */
export function readL1Words(a: bigint, b: bigint): L1Effect {
  const { limbs, code, rest } = partsOf(a);
  const [amount, w1, w2] = limbs;
  const token = Number(rest & ((1n << TOKEN_BITS) - 1n));
  const slot = rest >> TOKEN_BITS;
  const isForm = w1 === 0n && w2 === 0n && slot < 1n << (code === KIND.exit ? SLOT_BITS : 0n);
  if (!isForm) throw unknownWord(a);
  if (code === KIND.withdraw && b < 1n << 160n) {
    return { kind: "withdraw", token, amount, recipient: toHex(bytesOf(b, ADDRESS_BYTES)) };
  }
  const owner = ownerOfWord(b);
  if (owner && code === KIND.deposit) return { kind: "deposit", token, amount, owner };
  if (owner && code === KIND.exit)
    return { kind: "exit", slot: Number(slot), token, amount, owner };
  throw unknownWord(a);
}

/** The last limb of an owner's word is not taken apart into code and rest. */
function ownerOfWord(word: bigint): Owner | undefined {
  const { limbs, code, rest }: Parts = partsOf(word);
  return ownerFromLimbs(limbs, lastLimb(code, rest));
}

/** Reads the L1 words of a batch, in pairs. */
export function readL1Stream(words: readonly bigint[]): L1Effect[] {
  if (words.length % 2 !== 0) {
    throw new SheafError("malformed_words", "L1 words come in pairs");
  }
  const effects: L1Effect[] = [];
  for (let index = 0; index < words.length; index += 2) {
    effects.push(readL1Words(words[index] ?? 0n, words[index + 1] ?? 0n));
  }
  return effects;
}

/** The words of a request as the contract chains them in its queue. */
export function requestWords(request: DepositEffect | ExitEffect): [a: bigint, b: bigint] {
  const b = integerOfLimbs(ownerToLimbs(request.owner));
  if (request.kind === "deposit") {
    return [
      integerOfLimbs([request.amount, 0n, 0n, lastLimb(KIND.deposit, BigInt(request.token))]),
      b,
    ];
  }
  // An exit request knows neither token nor amount.
  return [integerOfLimbs([0n, 0n, 0n, lastLimb(KIND.exit, BigInt(request.slot) << TOKEN_BITS)]), b];
}
