// Data words: one for each entry but Idle; together they rebuild every slot (section 7).

import type { Owner } from "./owner.js";
import { KIND, ownerFromLimbs, partsOf, unknownWord, withoutPadding } from "./word.js";

/** The next slot was opened. */
export interface OpenWord {
  kind: "open";
  owner: Owner;
  token: number;
}

/** An entry of another kind moved an amount, in L2 units. Debits and withdrawals have a fee. */
export interface MovedWord {
  kind: "debit" | "credit" | "withdraw" | "deposit" | "exit" | "collect";
  slot: number;
  amount: bigint;
  fee: bigint;
}

/** What an entry publishes about itself. */
export type DataWord = OpenWord | MovedWord;

const MOVED: Record<string, MovedWord["kind"]> = {
  [`${KIND.debit}`]: "debit",
  [`${KIND.credit}`]: "credit",
  [`${KIND.withdraw}`]: "withdraw",
  [`${KIND.deposit}`]: "deposit",
  [`${KIND.exit}`]: "exit",
  [`${KIND.collect}`]: "collect",
};
const TOKEN_BITS = 16n;
const SLOT_BITS = 32n;

/** Reads a data word, and refuses one with a bit that no entry sets. */
export function readDataWord(word: bigint): DataWord {
  const { limbs, code, rest } = partsOf(word);
  const [amount, fee, w2] = limbs;
  if (code === KIND.open) {
    const owner = ownerFromLimbs(limbs, rest >> TOKEN_BITS);
    if (owner === undefined) throw unknownWord(word);
    return { kind: "open", owner, token: Number(rest & ((1n << TOKEN_BITS) - 1n)) };
  }
  const kind = MOVED[`${code}`];
  const hasFee = kind === "debit" || kind === "withdraw";
  if (kind === undefined || w2 !== 0n || (fee !== 0n && !hasFee) || rest >> SLOT_BITS !== 0n) {
    throw unknownWord(word);
  }
  return { kind, slot: Number(rest), amount, fee };
}

/** Reads the data words of a batch, without padding. */
export function readDataWords(words: readonly bigint[]): DataWord[] {
  return withoutPadding(words).map(readDataWord);
}
