// A transaction: its stages, what it pays, and where its words are.

import type {
  BatchBody,
  TransactionBody,
  TransactionStatus,
  TransferBody,
  WithdrawalBody,
} from "sheaf-sdk";
import { Amount } from "../parts/amount.tsx";
import {
  BatchLink,
  BlockLink,
  Copy,
  Digits,
  L1Link,
  OwnerLink,
  SlotLink,
} from "../parts/links.tsx";
import { Answered, Fact, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { WordTable } from "../parts/words.tsx";
import { type Milestone, milestonesOf, Timeline } from "../picture/timeline.tsx";
import { type Answer, useAnswer } from "../sequencer/answer.ts";
import { isMissingRoute, isNotFound, sequencer } from "../sequencer/sequencer.ts";
import { dateText } from "../text/time.ts";

/** The pause between two questions while the transaction is not final. */
const ASK_MS = 1_000;
/** Payments that are shown before the reader asks for all. */
const PAYMENTS_SHOWN = 10;
/** Words that are shown; the batch has all of them. */
const WORDS_SHOWN = 20;

/** A transaction with its batch, if that is sealed. */
interface Found {
  status: TransactionStatus;
  batch: BatchBody | undefined;
}

async function find(id: string): Promise<Found> {
  const status = await sequencer.transaction(id);
  const isSealed = status.batch != null;
  const batch = isSealed ? await sequencer.batch(status.batch ?? 0).catch(orNothing) : undefined;
  return { status, batch };
}

const orNothing = (error: unknown): undefined => {
  if (!isNotFound(error)) throw error;
  return undefined;
};

export function TransactionPage({ id }: { id: string }) {
  const answer = useAnswer(
    () => find(id),
    id,
    found => (found?.status.stage === "finalised" ? undefined : ASK_MS),
  );
  const block = answer.value?.status.block ?? 0;
  // Once its batch is sealed, the transaction has a place among the words.
  const key = `${id} ${block} ${answer.value?.batch?.number}`;
  const body = useAnswer(() => sequencer.transactionBody(id), key);
  return (
    <>
      <div class="title">
        <h1>Transaction</h1>
        <Digits text={id} />
        <Copy text={id} what="the id" />
      </div>
      <Answered answer={answer}>
        {found => (
          <>
            <Stages found={found} executed={body.value?.executed_ms} />
            <Body body={body} />
            {body.value !== undefined && found.batch !== undefined && <Words of={body.value} />}
          </>
        )}
      </Answered>
    </>
  );
}

function Stages({ found, executed }: { found: Found; executed: number | undefined }) {
  const { status, batch } = found;
  const isExecuted = status.durable;
  const milestones: Milestone[] = [
    { stage: "accepted", isReached: status.stage !== "received" && status.stage !== "rejected" },
    { stage: "executed", isReached: isExecuted, ms: executed },
    ...milestonesOf(batch),
  ];
  return (
    <Panel
      title={status.stage === "rejected" ? "Rejected" : "How far it is"}
      aside={
        <span class="small faint" aria-live="polite">
          {status.stage}
        </span>
      }
    >
      {status.error != null && (
        <p class="notice bad">
          {status.error.message} ({status.error.code})
        </p>
      )}
      {status.stage !== "rejected" && <Timeline milestones={milestones} />}
      <dl class="facts">
        {status.block != null && (
          <Fact name="Block">
            <BlockLink number={status.block} />
            {status.position != null && `, position ${status.position}`}
          </Fact>
        )}
        {status.batch != null && (
          <Fact name="Batch">
            <BatchLink number={status.batch} />
          </Fact>
        )}
        {status.l1_transaction != null && (
          <Fact name="On L1">
            <L1Link text={status.l1_transaction} />
          </Fact>
        )}
      </dl>
    </Panel>
  );
}

function Body({ body }: { body: Answer<TransactionBody> }) {
  if (isMissingRoute(body.error)) {
    return (
      <Panel title="What it does">
        <p class="faint">This sequencer is older than the page and does not say.</p>
      </Panel>
    );
  }
  if (isNotFound(body.error)) return null;
  return (
    <Panel title="What it does">
      <Answered answer={body}>
        {({ owner, transfer, withdrawal }) => (
          <>
            <Signed owner={owner} of={(transfer ?? withdrawal) as TransferBody | WithdrawalBody} />
            {withdrawal !== undefined && (
              <p>
                Withdraws <Amount amount={withdrawal.amount} token={withdrawal.token} /> to the L1
                address <span class="digits">{withdrawal.recipient}</span>
              </p>
            )}
            {transfer !== undefined && <Payments transfer={transfer} />}
          </>
        )}
      </Answered>
    </Panel>
  );
}

const Signed = ({ owner, of }: { owner: string; of: TransferBody | WithdrawalBody }) => (
  <dl class="facts">
    <Fact name="From">
      <OwnerLink text={owner} />
    </Fact>
    <Fact name="Slot">
      <SlotLink slot={of.slot} />
    </Fact>
    <Fact name="Nonce">{of.nonce}</Fact>
    <Fact name="Fee">
      <Amount amount={of.fee} token={of.token} />
    </Fact>
    <Fact name="Valid until">{dateText(of.valid_until * 1_000)}</Fact>
  </dl>
);

function Payments({ transfer: { payments, token } }: { transfer: TransferBody }) {
  const rows = payments.map((payment, index) => ({ ...payment, index }));
  const table = (shown: typeof rows) => (
    <Table
      caption="Payments"
      columns={[{ title: "To" }, { title: "Amount", isNumber: true }]}
      rows={shown}
      keyOf={({ index }) => index}
      cells={({ owner, amount }) => [
        <OwnerLink key="to" text={owner} />,
        <Amount key="amount" amount={amount} token={token} />,
      ]}
      empty="No payment."
    />
  );
  if (rows.length <= PAYMENTS_SHOWN) return table(rows);
  return (
    <>
      {table(rows.slice(0, PAYMENTS_SHOWN))}
      <details>
        <summary>{rows.length - PAYMENTS_SHOWN} more payments</summary>
        {table(rows.slice(PAYMENTS_SHOWN))}
      </details>
    </>
  );
}

/** The transaction's words among its batch's. */
function Words({ of: { batch, first_word, transfer } }: { of: TransactionBody }) {
  const count = 1 + (transfer?.payments.length ?? 0);
  const limit = Math.min(count, WORDS_SHOWN);
  const answer = useAnswer(
    async () =>
      first_word === undefined
        ? []
        : (await sequencer.words(batch, { after: first_word, limit })).data_words,
    `${batch} ${first_word}`,
  );
  return (
    <Panel title="What it publishes">
      <p>
        {first_word === undefined ? (
          "Its words are among those of "
        ) : (
          <>
            Words <span class="number">{first_word}</span> to{" "}
            <span class="number">{first_word + count - 1}</span> of{" "}
          </>
        )}
        <BatchLink number={batch} />.
      </p>
      {first_word !== undefined && (
        <Answered answer={answer}>
          {words => <WordTable caption={`The first ${limit} of its words`} words={words} />}
        </Answered>
      )}
    </Panel>
  );
}
