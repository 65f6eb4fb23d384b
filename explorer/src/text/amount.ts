// Amounts in the tokens' own units: a text for people, and back.

import { AMOUNT_BOUND } from "sheaf-sdk";
import type { NamedToken } from "../sequencer/tokens.ts";

/** Between groups of digits: a narrow space at which no line breaks. */
const GAP = "\u202f";
/** Digits of a whole part that stand together. */
const GROUP = /\B(?=(?:\d{3})+(?!\d))/g;
const TEXT = /^(\d{1,30})(?:\.(\d{0,30}))?$/;

/** An amount in L2 units as a text: all its digits, without zeros at the end. */
export function amountText(amount: string | bigint, token: NamedToken): string {
  return l1AmountText(BigInt(amount) * BigInt(token.scale), token);
}

/** The same for an amount in L1 units. */
export function l1AmountText(amount: string | bigint, token: NamedToken): string {
  const unit = 10n ** BigInt(token.decimals);
  const [whole, part] = [BigInt(amount) / unit, BigInt(amount) % unit];
  const digits = part.toString().padStart(token.decimals, "0").replace(/0+$/, "");
  return `${whole.toString().replace(GROUP, GAP)}${part === 0n ? "" : `.${digits}`}`;
}

/** The same digits for a field that somebody edits. */
export const amountField = (amount: bigint, token: NamedToken): string =>
  amountText(amount, token).replaceAll(GAP, "");

/** Reads an amount into L2 units, or says in a sentence what is wrong with the text. */
export function readAmount(text: string, token: NamedToken): bigint | { fault: string } {
  const [, whole, part = ""] = TEXT.exec(text.replace(/\s/g, "")) ?? [];
  if (whole === undefined) {
    return { fault: `The amount "${text}" is no number: write it like 1.25.` };
  }
  const digits = part.replace(/0+$/, "");
  const scale = BigInt(token.scale);
  if (digits.length > token.decimals) return { fault: tooFine(token) };
  const l1 = BigInt(whole + digits.padEnd(token.decimals, "0"));
  if (l1 % scale !== 0n) return { fault: tooFine(token) };
  if (l1 === 0n) return { fault: "The amount is zero: write what is to be moved." };
  if (l1 / scale >= AMOUNT_BOUND) return { fault: "The amount is more than any slot can have." };
  return l1 / scale;
}

const tooFine = (token: NamedToken): string =>
  `The amount has too many digits: the smallest is ${amountText(1n, token)} ${token.symbol}.`;
