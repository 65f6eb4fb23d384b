// A payroll: what a file says, and that each line is paid once, whatever happens in between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, SheafError, type SignedTransactionBody } from "sheaf-sdk";
import { ETHER } from "../src/sequencer/tokens.ts";
import { Journal, type Notes, type Shelf } from "../src/wallet/payroll/journal.ts";
import { type Line, readLines, readNames } from "../src/wallet/payroll/lines.ts";
import { look, type Payer, paidOf, pay, quoteOf } from "../src/wallet/payroll/paying.ts";
import { receiptOf } from "../src/wallet/payroll/receipt.ts";
import { OTHER, OWNER } from "./rollup.ts";

const SUBJECT = { file: "0x01", token: 0 } as const;
/** Two full transfers and a part of a third. */
const LINES = 2 * 1_024 + 5;
/** Nobody stops. */
const GO_ON: Parameters<typeof pay>[2] = {
  signal: new AbortController().signal,
  tell: () => undefined,
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parsed = (text: string, names = new Map<string, string>()) =>
  readLines(bytes(text), names, ETHER);

/** The faults of a file, a text each. */
function faults(text: string): string[] {
  const read = parsed(text);
  assert.ok("faults" in read, text);
  return read.faults.map(({ line, fault }) => `${line}: ${fault}`);
}

test("a spreadsheet's file is read as it is meant", () => {
  const names = new Map([["Ann", OTHER]]);
  for (const text of [
    `owner,amount,memo\n${OWNER},1.5,"rent, ""May"""\n\nAnn,2,\n`,
    `\ufeffMemo;Amount;Owner\r\n"rent, ""May""";1.5; ${OWNER.toUpperCase()}\r\n\r\n;2;Ann`,
  ]) {
    const read = parsed(text, names);
    assert.ok("lines" in read, text);
    assert.deepEqual(
      read.lines.map(({ number, owner, amount, memo }) => [number, owner, amount, memo]),
      [
        [2, OWNER, 1_500_000_000n, 'rent, "May"'],
        [4, OTHER, 2_000_000_000n, ""],
      ],
    );
  }
});

test("line breaks within a cell count as lines", () => {
  const text = `owner,amount,memo\n${OWNER},1,"two\nlines"\nx,1,\n`;
  assert.match(faults(text).join(), /^4: "x" is no/);
});

test("every fault is told with its line", () => {
  const found = faults(`owner,amount\n${OWNER},1\nAnn,1\n${OWNER},x\n${OWNER},0\n${OWNER}\n"a,1\n`);
  for (const [place, fault] of [
    /^3: "Ann" is no L2 address\.$/,
    /^4: .*"x" is no number/,
    /^5: .*zero/,
    /^6: .*number of cells/,
    /^7: .*quotation mark/,
  ].entries()) {
    assert.match(found[place] ?? "", fault);
  }
  assert.equal(found.length, 5);
  assert.match(faults(`owner,amount\n${OWNER},5000000000\n`).join(), /more than any slot/);
  const named = parsed("owner,amount\nBob,1\n", new Map([["Ann", OWNER]]));
  assert.match(JSON.stringify(named), /no name of the address book/);
});

test("a file without the columns or without lines is refused", () => {
  for (const [text, fault] of [
    ["owner,memo\n", /no column amount/],
    ["owner,amount,owner\n", /column owner is there twice/],
    ["owner,amount,salary\n", /"salary" is no column/],
    ["owner,amount\n", /has no payments/],
    ["", /no column owner/],
  ] as const) {
    assert.match(faults(text).join(), fault);
  }
  assert.match(JSON.stringify(readLines(Uint8Array.of(255), new Map(), ETHER)), /UTF-8/);
});

test("a name with two owners is refused, and a wrong one with its line", () => {
  const read = (rows: string) => JSON.stringify(readNames(bytes(`name,owner\n${rows}`)));
  assert.equal(read(`Ann,${OWNER}\nAnn,${OWNER}\n`), '{"names":{}}');
  assert.match(read(`Ann,${OWNER}\nAnn,${OTHER}\n`), /"line":3.*Ann is there twice/);
  assert.match(read(`Ann,x\n,${OWNER}\n`), /"line":2.*no L2 address.*"line":3.*no name/);
});

const lines: Line[] = Array.from({ length: LINES }, (_, index) => ({
  number: index + 2,
  named: OWNER,
  owner: OWNER,
  amount: BigInt(index + 1),
  memo: index === 0 ? 'a "memo", with a comma' : "",
}));
const SUM = (BigInt(LINES) * BigInt(LINES + 1)) / 2n;

/** A shelf in memory. Each note is a copy, as in a database. */
class Kept implements Shelf {
  notes: Notes | undefined;
  isBroken = false;
  get = async () => structuredClone(this.notes);
  put = async (notes: Notes) => {
    if (this.isBroken) throw new Error("the disk is full");
    this.notes = structuredClone(notes);
  };
}

/** What becomes of a transfer on its way to the sequencer. */
type Fate = "executed" | "lost" | "lost answer" | "collides" | "meets another";

/** A wallet and its sequencer. */
class World {
  nonce = 0;
  paid = 0n;
  /** By id. */
  executed = new Set<string>();
  /** The next transfers' fates; then all are executed. */
  fates: Fate[] = [];
  /** Whether the sequencer knows what it executed before; else it was made anew from L1. */
  remembers = true;
  /** What was noted whenever a transfer was sent. */
  sentWith: (Notes | undefined)[] = [];

  constructor(readonly kept: Kept) {}

  #take(id: string, body: SignedTransactionBody) {
    this.sentWith.push(this.kept.notes);
    const fate = this.fates.shift() ?? "executed";
    const unknown = new SheafError("outcome_unknown", `whether ${id} was paid is not known`);
    if (fate === "lost") throw unknown;
    if (fate === "collides" || fate === "meets another") this.nonce += 1;
    const status = { id, stage: "executed", durable: true } as const;
    if (this.remembers && this.executed.has(id)) return status;
    const { nonce = 0, payments = [] } = body.transfer ?? {};
    // What the other transaction is: executed, or waiting.
    const code = fate === "meets another" ? "nonce_taken" : "nonce_used";
    if (nonce !== this.nonce) throw new ApiError(422, { code, message: "used" });
    this.nonce += 1;
    this.executed.add(id);
    for (const { amount } of payments) this.paid += BigInt(amount);
    if (fate === "lost answer") throw unknown;
    return status;
  }

  get payer(): Payer {
    const pay: Payer["pay"] = async (payments, _, beforeSend) => {
      const { nonce } = this;
      const to = payments.map(({ owner, amount }) => ({ owner, amount: `${amount}` }));
      const body = { transfer: { nonce, payments: to } } as unknown as SignedTransactionBody;
      const id = `0x${nonce}` as const;
      await beforeSend?.({ id, body }, 7n);
      return { id, fee: 7n, status: this.#take(id, body) };
    };
    const transaction = async (id: string) => {
      const isKnown = this.remembers && this.executed.has(id);
      if (!isKnown) throw new ApiError(404, { code: "transaction_not_found" });
      return { id, stage: "finalised", durable: true, batch: 3 };
    };
    const account = async () => ({ owner: OWNER, slots: [{ token: 0, next_nonce: this.nonce }] });
    const quote = async (_: number, payments: number) => ({ fee: `${payments}` });
    return {
      owner: OWNER,
      balance: async () => 10n ** 9n,
      pay,
      submit: async ({ id, body }) => this.#take(id, body),
      api: { transaction, account, quote } as unknown as Payer["api"],
    };
  }

  open = () => Journal.open(this.kept, SUBJECT);

  /** A run of the page on this file. */
  async run(options = GO_ON): Promise<void> {
    await pay({ payer: this.payer, token: 0, lines }, await this.open(), options);
  }
}

const world = () => new World(new Kept());

test("every line is paid, in transfers that were noted before they were sent", async () => {
  const it = world();
  await it.run();
  assert.equal(it.paid, SUM);
  assert.equal(it.executed.size, 3);
  for (const [part, notes] of it.sentWith.entries()) {
    assert.ok(notes?.parts[part]?.open !== undefined, `part ${part} was sent before it was noted`);
  }
  const { parts } = await it.open();
  assert.equal(paidOf(lines, parts), LINES);
  assert.ok(Object.values(parts).every(({ open }) => open === undefined));
  await it.run();
  assert.equal(it.paid, SUM, "nothing is paid twice");
});

test("what cannot be noted is not sent", async () => {
  const it = world();
  it.kept.isBroken = true;
  await assert.rejects(it.run(), /disk is full/);
  assert.equal(it.sentWith.length, 0);
});

test("paying stops between two transfers, and goes on where it stopped", async () => {
  const it = world();
  const stop = new AbortController();
  await it.run({ signal: stop.signal, tell: () => stop.abort() });
  assert.equal(it.executed.size, 1);
  const { parts } = await it.open();
  assert.equal(paidOf(lines, parts), 1_024);
  const quote = await quoteOf({ payer: it.payer, token: 0, lines }, parts);
  assert.deepEqual([quote.payments, quote.transfers, quote.fee], [1_029, 2, 1_029n]);
  await it.run();
  assert.equal(it.paid, SUM);
});

for (const fate of ["lost", "lost answer"] as const) {
  test(`a transfer that is open ("${fate}") is paid once`, async () => {
    const it = world();
    it.fates = ["executed", fate];
    await assert.rejects(it.run(), { code: "outcome_unknown" });
    const journal = await it.open();
    assert.ok(journal.parts[1]?.open !== undefined);
    await look(it.payer, journal);
    assert.equal(journal.parts[1]?.open === undefined, fate === "lost answer");
    await it.run();
    assert.equal(it.paid, SUM);
    assert.equal(it.executed.size, 3);
  });
}

test("another transfer takes the place of a refused one while its nonce is free", async () => {
  const it = world();
  it.fates = ["lost"];
  await assert.rejects(it.run(), { code: "outcome_unknown" });
  const expired = new ApiError(422, { code: "expired", message: "too late" });
  const late = { ...it.payer, submit: () => Promise.reject(expired) };
  await pay({ payer: late, token: 0, lines }, await it.open(), GO_ON);
  assert.equal(it.paid, SUM);
});

test("of a transfer whose nonce is used nobody says that it was not paid", async () => {
  const it = world();
  it.fates = ["lost answer"];
  await assert.rejects(it.run(), { code: "outcome_unknown" });
  it.remembers = false;
  const before = it.paid;
  await assert.rejects(it.run(), /Lines 2 to 1025 may be paid already/);
  assert.equal(it.paid, before);
  assert.ok((await it.open()).parts[0]?.open !== undefined, "and it stays open");
});

test("a nonce that the wallet has used elsewhere is not the end", async () => {
  const it = world();
  it.fates = ["collides", "executed", "meets another"];
  await it.run();
  assert.equal(it.paid, SUM);
});

test("a refusal ends the run, and is no transfer", async () => {
  const it = world();
  const refusal = new ApiError(422, { code: "fee_too_low", message: "more" });
  const refused: Payer = {
    ...it.payer,
    pay: async (_, __, beforeSend) => {
      await beforeSend?.({ id: "0x1", body: {} as SignedTransactionBody }, 1n);
      throw refusal;
    },
  };
  await assert.rejects(pay({ payer: refused, token: 0, lines }, await it.open(), GO_ON), refusal);
  assert.deepEqual((await it.open()).parts, {});
  // A page of a proxy is no verdict.
  const blocked: Payer = {
    ...refused,
    pay: async (_, __, beforeSend) => {
      await beforeSend?.({ id: "0x1", body: {} as SignedTransactionBody }, 1n);
      throw new ApiError(403, {});
    },
  };
  await assert.rejects(pay({ payer: blocked, token: 0, lines }, await it.open(), GO_ON));
  assert.ok((await it.open()).parts[0]?.open !== undefined);
});

test("a journal of another file or token is refused", async () => {
  const it = world();
  await it.run();
  for (const other of [
    { ...SUBJECT, file: "0x02" as const },
    { ...SUBJECT, token: 1 },
  ]) {
    await assert.rejects(Journal.open(it.kept, other), /journal of other payments/);
  }
  assert.ok(await it.open());
});

test("the receipt has each line with its transaction", async () => {
  const it = world();
  it.fates = ["executed", "lost"];
  await assert.rejects(it.run(), { code: "outcome_unknown" });
  const { parts } = await it.open();
  const rows = (await receiptOf(lines, parts, it.payer.api)).trimEnd().split("\n");
  assert.equal(rows.length, LINES + 1);
  assert.equal(rows[0], "line,owner,named,units,memo,id,stage,batch");
  const memo = '"a ""memo"", with a comma"';
  assert.equal(rows[1], `2,${OWNER},${OWNER},1,${memo},0x0,finalised,3`);
  assert.equal(rows[1_025], `1026,${OWNER},${OWNER},1025,,0x1,unknown,`);
  assert.equal(rows[LINES], `${LINES + 1},${OWNER},${OWNER},${LINES},,,,`);
});
