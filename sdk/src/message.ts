// Transactions and the messages that owners sign (section 4).

import { SheafError } from "./error.js";
import { addressLimbs, type Domain, type Owner } from "./owner.js";
import { type Digest, hash, TAG } from "./poseidon.js";

/** What every transaction has. Amounts and fees are in L2 units. */
interface Spending {
  slot: number;
  token: number;
  nonce: number;
  fee: bigint;
  /** Unix seconds after which the transaction is refused. */
  validUntil: number;
}

/** One recipient of a transfer. */
export interface Payment {
  owner: Owner;
  amount: bigint;
}

/** Pays 1 to 1,024 owners. */
export interface Transfer extends Spending {
  kind: "transfer";
  payments: readonly Payment[];
}

/** Pays an L1 address. */
export interface Withdrawal extends Spending {
  kind: "withdrawal";
  amount: bigint;
  recipient: string;
}

/** What an owner signs. */
export type Transaction = Transfer | Withdrawal;

/** The most payments of a transfer. */
export const PAYMENTS_MAX = 1_024;
/** Amounts, fees and balances are below this bound. */
export const AMOUNT_BOUND = 2n ** 62n;
/** The largest nonce, and the largest `validUntil`. */
const NONCE_MAX = 2 ** 32 - 2;
const SLOT_MAX = 2 ** 32 - 1;
const TOKEN_MAX = 2 ** 16 - 1;

/** The amount that a transaction moves, without its fee. */
export function totalOf(transaction: Transaction): bigint {
  if (transaction.kind === "withdrawal") return transaction.amount;
  return transaction.payments.reduce((total, payment) => total + payment.amount, 0n);
}

/** Refuses a transaction that breaks a rule of form, which no sequencer takes. */
export function checkForm(transaction: Transaction): void {
  const refuse = (why: string): never => {
    throw new SheafError("rule_of_form", why);
  };
  const integer = (name: string, value: number, max: number) => {
    const isOne = Number.isInteger(value) && value >= 0 && value <= max;
    if (!isOne) refuse(`${name} must be an integer from 0 to ${max}, not ${value}`);
  };
  integer("slot", transaction.slot, SLOT_MAX);
  integer("token", transaction.token, TOKEN_MAX);
  integer("nonce", transaction.nonce, NONCE_MAX);
  integer("validUntil", transaction.validUntil, NONCE_MAX);
  if (transaction.kind === "transfer") {
    const { length } = transaction.payments;
    if (length === 0) refuse("a transfer needs a payment");
    if (length > PAYMENTS_MAX) {
      refuse(`${length} payments exceed the limit of ${PAYMENTS_MAX}: use several transfers`);
    }
    for (const { amount } of transaction.payments) {
      if (amount < 1n) refuse("each amount must be at least 1");
    }
  }
  const total = totalOf(transaction);
  if (total < 1n) refuse("the amount must be at least 1");
  if (total >= AMOUNT_BOUND) refuse("the amounts' sum must be below 2^62");
  if (transaction.fee < 0n || transaction.fee >= AMOUNT_BOUND) refuse("the fee must be below 2^62");
}

/** The message of a transaction, whose text is the transaction's id. */
export function messageOf(transaction: Transaction, domain: Domain): Digest {
  checkForm(transaction);
  const { slot, token, nonce, validUntil, fee } = transaction;
  const first = (tag: typeof TAG.debit | typeof TAG.withdraw) =>
    hash(tag, [
      ...domain,
      BigInt(slot) + (BigInt(token) << 32n),
      BigInt(nonce) + (BigInt(validUntil) << 32n),
      totalOf(transaction),
      fee,
    ]);
  const pay = (message: Digest, payee: readonly bigint[], amount: bigint) =>
    hash(TAG.payee, [...message, ...payee, amount]);
  if (transaction.kind === "withdrawal") {
    return pay(first(TAG.withdraw), addressLimbs(transaction.recipient), transaction.amount);
  }
  return transaction.payments.reduce(
    (message, { owner, amount }) => pay(message, owner, amount),
    first(TAG.debit),
  );
}
