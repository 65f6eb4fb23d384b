// Paying every line of a file, each once.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Wallet } from "sheaf-sdk";
import { keccak256 } from "viem";
import { ActSaid, useAct } from "../parts/act.tsx";
import { Amount } from "../parts/amount.tsx";
import { Fact, Fault, Panel } from "../parts/panel.tsx";
import { type NamedToken, tokenOf, useTokens } from "../sequencer/tokens.ts";
import { OtherPayments, type SignedParts, type Subject } from "./payroll/journal.ts";
import { type Names, readLines, readNames } from "./payroll/lines.ts";
import { look, type Payroll, paidOf, pay, type Quote, quoteOf } from "./payroll/paying.ts";
import { receiptOf } from "./payroll/receipt.ts";
import { forget, withJournal } from "./payroll/shelf.ts";
import { FILE_BYTES_MAX, type LineFault } from "./payroll/table.ts";
import { Sent } from "./send.tsx";
import type { Session } from "./session.ts";

/** Faults that are listed; the others are counted. */
const FAULTS_SHOWN = 20;
/** How long a receipt is kept for the browser to write it. */
const RECEIPT_MS = 60_000;

/** A file with faults. */
interface Faulty {
  file: string;
  faults: LineFault[];
}

/** A file whose every line can be paid. */
interface Ready {
  /** Under which the journal is kept. */
  name: string;
  subject: Subject;
  payroll: Payroll;
  signed: SignedParts;
  quote: Quote;
}

async function bytesOf(file: File): Promise<Uint8Array> {
  if (file.size > FILE_BYTES_MAX) {
    throw new Error(`${file.name} is larger than ${FILE_BYTES_MAX} bytes: split it.`);
  }
  return new Uint8Array(await file.arrayBuffer());
}

/** What is chosen in the form. */
interface Chosen {
  wallet: Wallet;
  token: NamedToken;
  file: File;
  book: File | undefined;
}

/** An owner belongs to one rollup, so that each rollup has journals of its own. */
const journalOf = ({ wallet, file }: Chosen): string => `${wallet.owner} ${file.name}`;

async function check(chosen: Chosen): Promise<Ready | Faulty> {
  const { wallet, token, file, book } = chosen;
  let names: Names = new Map();
  if (book !== undefined) {
    const read = readNames(await bytesOf(book));
    if ("faults" in read) return { file: book.name, ...read };
    names = read.names;
  }
  const bytes = await bytesOf(file);
  const read = readLines(bytes, names, token);
  if ("faults" in read) return { file: file.name, ...read };
  const name = journalOf(chosen);
  const subject = { file: keccak256(bytes), token: token.token };
  const payroll = { payer: wallet, token: token.token, lines: read.lines };
  return withJournal(name, subject, async journal => {
    await look(wallet, journal);
    const signed = journal.parts;
    return { name, subject, payroll, signed, quote: await quoteOf(payroll, signed) };
  });
}

export function PayFile({ session: { wallet } }: { session: Session }) {
  const tokens = useTokens();
  const [number, setNumber] = useState(0);
  const [file, setFile] = useState<File>();
  const [book, setBook] = useState<File>();
  const [checked, setChecked] = useState<Ready | Faulty>();
  const act = useAct();
  const token = tokenOf(tokens, number);
  const chosen = file === undefined ? undefined : { wallet, token, file, book };
  const choose = (set: typeof setFile) => (event: { currentTarget: HTMLInputElement }) => {
    setChecked(undefined);
    set(event.currentTarget.files?.[0]);
  };
  const chooseToken = (token: number) => {
    setChecked(undefined);
    setNumber(token);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    setChecked(undefined);
    act.run(async () => {
      if (chosen === undefined) throw new Error("Choose a file with payments.");
      setChecked(await check(chosen));
      return undefined;
    });
  };
  return (
    <Panel title="Pay a file">
      <p>
        The file is a CSV. Its first line names the columns owner, amount and, if wanted, memo.
        Files and memos stay in this browser. So does the journal of what was paid: another browser
        knows nothing of it.
      </p>
      <form class="form" onSubmit={submit} noValidate>
        <div class="field">
          <label for="payments">Payments</label>
          <input id="payments" type="file" accept=".csv" onChange={choose(setFile)} />
        </div>
        <div class="field">
          <label for="book">Address book (columns name and owner), if owners have names</label>
          <input id="book" type="file" accept=".csv" onChange={choose(setBook)} />
        </div>
        {tokens.length > 1 && <TokenField tokens={tokens} token={number} onToken={chooseToken} />}
        <div>
          <button type="submit" disabled={act.isBusy}>
            Check the file
          </button>
        </div>
      </form>
      <ActSaid act={act} waiting="Reading every line…" />
      {act.error instanceof OtherPayments && chosen !== undefined && (
        <Forget name={journalOf(chosen)} file={chosen.file.name} />
      )}
      {checked !== undefined &&
        ("faults" in checked ? <Faults of={checked} /> : <Pay ready={checked} />)}
    </Panel>
  );
}

interface TokenFieldProps {
  tokens: readonly NamedToken[];
  token: number;
  onToken: (token: number) => void;
}

const TokenField = ({ tokens, token, onToken }: TokenFieldProps) => (
  <div class="field">
    <label for="token">Token</label>
    <select id="token" value={token} onChange={event => onToken(Number(event.currentTarget.value))}>
      {tokens.map(({ token, symbol }) => (
        <option key={token} value={token}>
          {symbol}
        </option>
      ))}
    </select>
  </div>
);

const Faults = ({ of: { file, faults } }: { of: Faulty }) => (
  <div class="notice bad" role="alert">
    <p>
      {file} has {faults.length} faults. Nothing was paid.
    </p>
    <ul>
      {faults.slice(0, FAULTS_SHOWN).map(({ line, fault }) => (
        <li key={line}>
          Line {line}: {fault}
        </li>
      ))}
      {faults.length > FAULTS_SHOWN && <li>And {faults.length - FAULTS_SHOWN} more.</li>}
    </ul>
  </div>
);

/** The way on for whoever knows that nothing of the new file was paid. */
function Forget({ name, file }: { name: string; file: string }) {
  const act = useAct();
  return (
    <>
      <button
        type="button"
        onClick={() => act.run(() => forget(name).then(() => "Check the file again."))}
      >
        Nothing of it was paid: forget the journal of {file}
      </button>
      <ActSaid act={act} waiting="…" />
    </>
  );
}

function Pay({ ready }: { ready: Ready }) {
  const { name, subject, payroll, quote } = ready;
  const { lines, token } = payroll;
  const [signed, setSigned] = useState(ready.signed);
  const stop = useRef<AbortController | undefined>(undefined);
  // A wallet that is locked, or left, pays no further part.
  useEffect(() => () => stop.current?.abort(), []);
  const act = useAct();
  const paid = paidOf(lines, signed);
  const isLow = quote.amount + quote.fee > quote.balance;
  const start = () => {
    const controller = new AbortController();
    const { signal } = controller;
    stop.current = controller;
    act.run(async () => {
      const { parts } = await withJournal(name, subject, async journal => {
        const tell = () => setSigned(journal.parts);
        await pay(payroll, journal, { signal, tell }).finally(tell);
        return journal;
      });
      return paidOf(lines, parts) < lines.length ? "Stopped between two transfers." : undefined;
    });
  };
  const last = Object.values(signed).findLast(({ open }) => open === undefined);
  return (
    <>
      {signed === ready.signed && quote.payments > 0 && <Left quote={quote} token={token} />}
      {isLow && <Fault error={new Error("The balance is too low for what is left to pay.")} />}
      <label>
        <progress max={lines.length} value={paid} />{" "}
        <span class="number">
          {paid} of {lines.length} payments are paid
        </span>
      </label>
      <div class="acts">
        {paid < lines.length && (
          <button type="button" class="main-act" disabled={act.isBusy || isLow} onClick={start}>
            {Object.keys(signed).length > 0 ? "Go on" : "Pay"}
          </button>
        )}
        {act.isBusy && (
          <button type="button" onClick={() => stop.current?.abort()}>
            Stop
          </button>
        )}
        <button type="button" onClick={() => void download(ready, signed)}>
          Receipt
        </button>
      </div>
      <ActSaid act={act} waiting="Each transfer is noted in this browser, and then sent…" />
      {paid === lines.length && last !== undefined && <Sent key={last.id} id={last.id} />}
    </>
  );
}

const Left = ({ quote, token }: { quote: Quote; token: number }) => (
  <>
    <p>
      {quote.payments} payments are left to pay, in {quote.transfers} transfers.
    </p>
    <dl class="facts">
      {(["amount", "fee", "balance"] as const).map(name => (
        <Fact key={name} name={name}>
          <Amount amount={quote[name]} token={token} />
        </Fact>
      ))}
    </dl>
  </>
);

async function download({ payroll }: Ready, signed: SignedParts): Promise<void> {
  const text = await receiptOf(payroll.lines, signed, payroll.payer.api);
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  const link = Object.assign(document.createElement("a"), { href, download: "receipt.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), RECEIPT_MS);
}
