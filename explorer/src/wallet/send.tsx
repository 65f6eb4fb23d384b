// Paying owners.

import { useState } from "preact/hooks";
import { ownerFromText, type PaymentTo } from "sheaf-sdk";
import { ActSaid, useAct } from "../parts/act.tsx";
import { Amount } from "../parts/amount.tsx";
import { StageBadge, TransactionLink } from "../parts/links.tsx";
import { Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { sequencer } from "../sequencer/sequencer.ts";
import { type NamedToken, tokenOf, useTokens } from "../sequencer/tokens.ts";
import { amountField, readAmount } from "../text/amount.ts";
import { faultText } from "../text/fault.ts";
import { AmountField } from "./amount_field.tsx";
import type { Session } from "./session.ts";

/** Rows of the form. More recipients are for a file. */
const ROWS_MAX = 20;
/** The pause between two looks at a transaction. */
const ASK_MS = 1_000;

interface Row {
  to: string;
  amount: string;
}

/** A row, and what is wrong with it. */
interface ReadRow {
  payment?: PaymentTo;
  toFault?: string;
  amountFault?: string;
}

/** Reads a row of the form. */
export function readRow({ to, amount }: Row, token: NamedToken): ReadRow {
  const read: ReadRow = {};
  try {
    ownerFromText(to.trim());
  } catch (error) {
    read.toFault = faultText(error);
  }
  const units = readAmount(amount, token);
  if (typeof units !== "bigint") read.amountFault = units.fault;
  if (read.toFault === undefined && typeof units === "bigint") {
    read.payment = { owner: to.trim(), amount: units };
  }
  return read;
}

export function Send({ session, query }: { session: Session; query: URLSearchParams }) {
  const [rows, setRows] = useState<Row[]>([
    { to: query.get("to") ?? "", amount: query.get("amount") ?? "" },
  ]);
  const [number, setNumber] = useState(Number(query.get("token") ?? 0));
  const token = tokenOf(useTokens(), number);
  const [isTried, setTried] = useState(false);
  const act = useAct();
  const read = rows.map(row => readRow(row, token));
  const fee = useAnswer(
    () => sequencer.quote(token.token, rows.length),
    `${token.token} ${rows.length}`,
  );
  const set = (index: number, part: Partial<Row>) =>
    setRows(rows.map((row, place) => (place === index ? { ...row, ...part } : row)));
  const submit = (event: Event) => {
    event.preventDefault();
    setTried(true);
    const payments = read.flatMap(({ payment }) => payment ?? []);
    if (payments.length < rows.length) return;
    act.run(async () => {
      const { id } = await session.wallet.pay(payments, token.token);
      setRows([{ to: "", amount: "" }]);
      setTried(false);
      return <Sent id={id} />;
    });
  };
  const all = async () => {
    const balance = await session.wallet.balance(token.token);
    const { fee } = await sequencer.quote(token.token, 1);
    const rest = balance - BigInt(fee);
    set(0, { amount: amountField(rest > 0n ? rest : 0n, token) });
  };
  return (
    <Panel title="Send">
      <form class="form" onSubmit={submit} noValidate>
        {rows.map((row, index) => (
          <Recipient
            key={index}
            row={row}
            read={isTried ? (read[index] ?? {}) : {}}
            token={token}
            onChange={part => set(index, part)}
            {...(index === 0 ? { onToken: setNumber } : {})}
          />
        ))}
        <div class="acts">
          <button
            type="button"
            disabled={rows.length >= ROWS_MAX}
            onClick={() => setRows([...rows, { to: "", amount: "" }])}
          >
            Pay one more
          </button>
          {rows.length > 1 && (
            <button type="button" onClick={() => setRows(rows.slice(0, -1))}>
              Remove the last
            </button>
          )}
          {rows.length === 1 && (
            <button type="button" onClick={() => act.run(() => all().then(() => undefined))}>
              All that is there
            </button>
          )}
        </div>
        {fee.value !== undefined && (
          <p class="small faint">
            The fee is <Amount amount={fee.value.fee} token={token.token} />.
          </p>
        )}
        <div>
          <button type="submit" class="main-act" disabled={act.isBusy}>
            Send
          </button>
        </div>
      </form>
      <ActSaid act={act} waiting="Signing in this tab, and sending…" />
    </Panel>
  );
}

interface RecipientProps {
  row: Row;
  read: ReadRow;
  token: NamedToken;
  onChange: (part: Partial<Row>) => void;
  onToken?: (token: number) => void;
}

function Recipient({ row, read, token, onChange, onToken }: RecipientProps) {
  return (
    <>
      <div class="field">
        <label>
          To
          <input
            class="digits"
            placeholder="sheaf1…"
            autocomplete="off"
            spellcheck={false}
            value={row.to}
            aria-invalid={read.toFault !== undefined}
            onInput={event => onChange({ to: event.currentTarget.value })}
          />
        </label>
        <span class="fault" role="alert">
          {read.toFault}
        </span>
      </div>
      <AmountField
        label="Amount"
        text={row.amount}
        token={token}
        fault={read.amountFault}
        onText={amount => onChange({ amount })}
        {...(onToken === undefined ? {} : { onToken })}
      />
    </>
  );
}

/** A transaction that was sent, with its stage as it advances. */
export function Sent({ id }: { id: string }) {
  const { value } = useAnswer(
    () => sequencer.transaction(id),
    id,
    found => (found?.stage === "finalised" ? undefined : ASK_MS),
  );
  return (
    <p>
      <TransactionLink text={id} /> is durable. Stage:{" "}
      <StageBadge stage={value?.stage ?? "executed"} />
    </p>
  );
}
