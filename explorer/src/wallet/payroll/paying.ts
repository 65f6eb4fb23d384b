// Pays the lines of a payroll, in transfers of as many payments as one transfer may have.

import {
  isCollision,
  isReached,
  PAYMENTS_MAX,
  RejectedError,
  refusalCode,
  type Wallet,
} from "sheaf-sdk";
import { isNotFound } from "../../sequencer/sequencer.ts";
import { faultText } from "../../text/fault.ts";
import type { Journal, SignedPart, SignedParts } from "./journal.ts";
import type { Line } from "./lines.ts";

/** How often a transfer is signed again because the same wallet elsewhere was faster. */
const COLLISIONS_MAX = 16;

/** What is asked of a wallet. */
export type Payer = Pick<Wallet, "api" | "owner" | "balance" | "pay" | "submit">;

/** A payroll with its payer. */
export interface Payroll {
  payer: Payer;
  token: number;
  lines: readonly Line[];
}

/** What the payments that are left will take. Amounts are L2 units. */
export interface Quote {
  payments: number;
  transfers: number;
  amount: bigint;
  fee: bigint;
  balance: bigint;
}

/** The lines, as many at a time as one transfer pays. */
export const partsOf = (lines: readonly Line[]): Line[][] =>
  Array.from({ length: Math.ceil(lines.length / PAYMENTS_MAX) }, (_, part) =>
    lines.slice(part * PAYMENTS_MAX, (part + 1) * PAYMENTS_MAX),
  );

/** Whether the transfer of a part is durable. */
const isPaid = (signed: SignedPart | undefined): boolean =>
  signed !== undefined && signed.open === undefined;

/** How many lines are paid. */
export const paidOf = (lines: readonly Line[], signed: SignedParts): number =>
  partsOf(lines).reduce((sum, part, at) => sum + (isPaid(signed[at]) ? part.length : 0), 0);

/** What the parts take that are not paid. */
export async function quoteOf(payroll: Payroll, signed: SignedParts): Promise<Quote> {
  const { payer, token, lines } = payroll;
  const fees = new Map<number, bigint>();
  const quote = { payments: 0, transfers: 0, amount: 0n, fee: 0n };
  const left = partsOf(lines).filter((_, part) => !isPaid(signed[part]));
  for (const { length } of left) {
    if (!fees.has(length)) fees.set(length, BigInt((await payer.api.quote(token, length)).fee));
    quote.payments += length;
    quote.transfers += 1;
    quote.fee += fees.get(length) ?? 0n;
  }
  for (const { amount } of left.flat()) quote.amount += amount;
  return { ...quote, balance: await payer.balance(token) };
}

/** Finds out whether transfers that were signed before are durable by now. Sends nothing. */
export async function look(payer: Payer, journal: Journal): Promise<void> {
  for (const [part, { id, open }] of Object.entries(journal.parts)) {
    if (open === undefined) continue;
    try {
      const { stage } = await payer.api.transaction(id);
      if (isReached("executed", stage)) await journal.executed(Number(part));
    } catch (error) {
      // Nobody has sent it, or the sequencer has forgotten.
      if (!isNotFound(error)) throw error;
    }
  }
}

/**
 * Pays every part that is not paid, until a signal stops it between two transfers. A transfer that
 * was signed before is sent again, or replaced by one of the same nonce, so that one of the two is
 * executed at most.
 */
export async function pay(
  payroll: Payroll,
  journal: Journal,
  { signal, tell }: { signal: AbortSignal; tell: (signed: SignedParts) => void },
): Promise<void> {
  for (const [part, lines] of partsOf(payroll.lines).entries()) {
    if (signal.aborted) return;
    const signed = journal.parts[part];
    if (isPaid(signed)) continue;
    const paying = { payroll, journal, part, lines };
    if (signed === undefined) await payPart(paying);
    else await settle(paying, signed);
    tell(journal.parts);
  }
}

/** A part at work. */
interface Paying {
  payroll: Payroll;
  journal: Journal;
  part: number;
  lines: readonly Line[];
}

async function payPart({ payroll, journal, part, lines }: Paying): Promise<void> {
  const { payer, token } = payroll;
  for (let round = 0; round < COLLISIONS_MAX; round += 1) {
    let isNoted = false;
    const refusal = await refusalOf(() =>
      payer.pay(lines, token, async ({ id, body }, fee) => {
        await journal.signed(part, { id, fee: `${fee}`, open: body });
        isNoted = true;
      }),
    );
    if (refusal === undefined) return journal.executed(part);
    // The sequencer saw the transfer for the first time, so the refusal is final.
    if (isNoted) await journal.refused(part);
    if (!isCollision(refusal)) throw refusal;
  }
  throw new Error("This wallet is sending somewhere else, and was faster there. Try again.");
}

async function settle(paying: Paying, { id, open }: SignedPart): Promise<void> {
  const { payroll, journal, part, lines } = paying;
  const { payer, token } = payroll;
  if (open === undefined) return;
  const refusal = await refusalOf(() => payer.submit({ id: id as `0x${string}`, body: open }));
  if (refusal === undefined) return journal.executed(part);
  // A sequencer that has made its database from L1 knows no ids of earlier transactions.
  const { slots } = await payer.api.account(payer.owner);
  const next = slots.find(slot => slot.token === token)?.next_nonce ?? 0;
  const nonce = open.transfer?.nonce;
  if (nonce !== next) {
    const [first, last] = [lines[0]?.number, lines.at(-1)?.number];
    throw new Error(
      `Lines ${first} to ${last} may be paid already: the sequencer does not know transaction \
${id} (${faultText(refusal)}), and the next nonce is ${next}, not ${nonce}. Compare the history, \
and put what is not paid into another file.`,
    );
  }
  await journal.refused(part);
  await payPart(paying);
}

/** Why the sequencer has refused what was sent and does not keep it; nothing if it was executed. */
async function refusalOf(send: () => Promise<unknown>): Promise<unknown> {
  try {
    await send();
    return undefined;
  } catch (error) {
    // Whoever answers without a code is no sequencer, and knows nothing of transactions.
    const isVerdict = refusalCode(error) !== undefined && refusalCode(error) !== "no_reason";
    if (isVerdict || error instanceof RejectedError) return error;
    throw error;
  }
}
