// The binary form of an array of transactions and of its statuses: two fifths of the JSON's bytes
// (section 11). Integers are little-endian.

import { STAGES, type Stage, type TransactionStatus } from "./answers.js";
import { SheafError } from "./error.js";
import { elementsToBytes } from "./field.js";
import { bytesOf, fromHex, integerOf, reversed, toHex } from "./hex.js";
import { ownerFromText } from "./owner.js";
import type { SignedTransactionBody } from "./transaction.js";

/** The media type of the binary form. */
export const BINARY_TYPE = "application/octet-stream";

const VERSION = 1;
const TRANSFER = 2;
const WITHDRAWAL = 4;
/** The stages by their number. */
const NUMBERED: readonly Stage[] = [...STAGES, "rejected"];
/** The stages from which on a transaction is durable, and the last of them. */
const [FIRST_DURABLE, LAST_DURABLE] = [2, 6];
/** The bits of a status's fields. */
const FIELD = { id: 1, block: 2, position: 4, batch: 8, l1: 16, error: 32, retry: 64 } as const;

/** Writes an array of signed transactions. */
export function encodeTransactions(transactions: readonly SignedTransactionBody[]): Uint8Array {
  const bytes = [VERSION, ...integer(transactions.length, 4)];
  for (const transaction of transactions) bytes.push(...encodeTransaction(transaction));
  return new Uint8Array(bytes);
}

const integer = (value: number | string | bigint, length: number): Uint8Array =>
  reversed(bytesOf(BigInt(value), length));

function encodeTransaction(signed: SignedTransactionBody): number[] {
  const { transfer, withdrawal } = signed;
  const spending = transfer ?? withdrawal;
  if (!spending)
    throw new SheafError("rule_of_form", "a transaction is a transfer or a withdrawal");
  const parts = [
    integer(transfer ? TRANSFER : WITHDRAWAL, 1),
    integer(spending.slot, 4),
    integer(spending.token, 2),
    integer(spending.nonce, 4),
    integer(spending.fee, 8),
    integer(spending.valid_until, 4),
  ];
  if (transfer) {
    parts.push(integer(transfer.payments.length, 4));
    for (const { owner, amount } of transfer.payments) {
      parts.push(elementsToBytes(ownerFromText(owner)), integer(amount, 8));
    }
  } else if (withdrawal) {
    parts.push(integer(withdrawal.amount, 8), fromHex(withdrawal.recipient, 20));
  }
  parts.push(
    fromHex(signed.key, 40),
    fromHex(signed.l1_address, 20),
    fromHex(signed.signature, 80),
  );
  return parts.flatMap(part => [...part]);
}

/** Reads the statuses of an array of transactions, and refuses a byte too many or too few. */
export function decodeStatuses(bytes: Uint8Array): TransactionStatus[] {
  const reader = new Reader(bytes);
  if (reader.integer(1) !== VERSION) throw malformed(0);
  const count = reader.integer(4);
  const statuses: TransactionStatus[] = [];
  while (statuses.length < count) statuses.push(decodeStatus(reader));
  reader.end();
  return statuses;
}

function decodeStatus(reader: Reader): TransactionStatus {
  const place = reader.place;
  const number = reader.integer(1);
  const stage = NUMBERED[number];
  const fields = reader.integer(1);
  const has = (field: number) => (fields & field) !== 0;
  const isForm = fields < 2 * FIELD.retry && (!has(FIELD.retry) || has(FIELD.error));
  if (stage === undefined || !isForm) throw malformed(place);
  const durable = number >= FIRST_DURABLE && number <= LAST_DURABLE;
  const id = has(FIELD.id) ? toHex(reader.take(32)) : null;
  const status: TransactionStatus = { id, stage, durable };
  if (has(FIELD.block)) status.block = reader.integer(8);
  if (has(FIELD.position)) status.position = reader.integer(4);
  if (has(FIELD.batch)) status.batch = reader.integer(8);
  if (has(FIELD.l1)) status.l1_transaction = toHex(reader.take(32));
  if (has(FIELD.error)) {
    status.error = { code: reader.text(), message: reader.text() };
    if (id !== null) status.error.transaction = id;
    if (has(FIELD.retry)) status.error.retry_after_s = reader.integer(8);
  }
  return status;
}

const malformed = (place: number): SheafError =>
  new SheafError("malformed_answer", `the answer cannot be read from byte ${place} on`);

/** Takes values off the front of some bytes. */
class Reader {
  place = 0;

  constructor(readonly bytes: Uint8Array) {}

  take(length: number): Uint8Array {
    const taken = this.bytes.slice(this.place, this.place + length);
    if (taken.length !== length) throw malformed(this.place);
    this.place += length;
    return taken;
  }

  integer(length: number): number {
    const value = Number(integerOf(reversed(this.take(length))));
    if (!Number.isSafeInteger(value)) throw malformed(this.place - length);
    return value;
  }

  text(): string {
    const place = this.place;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(this.take(this.integer(4)));
    } catch {
      throw malformed(place);
    }
  }

  end(): void {
    if (this.place !== this.bytes.length) throw malformed(this.place);
  }
}
