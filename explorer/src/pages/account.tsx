// An account: its slots, and the movements of its balances.

import { useState } from "preact/hooks";
import type { MovementBody } from "sheaf-sdk";
import { Amount } from "../parts/amount.tsx";
import {
  BatchLink,
  Copy,
  Digits,
  L1Link,
  OwnerLink,
  SlotLink,
  StageBadge,
  TransactionLink,
} from "../parts/links.tsx";
import { Paging } from "../parts/paging.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { PAGE_ROWS, sequencer } from "../sequencer/sequencer.ts";
import { dateText } from "../text/time.ts";

/** The pause between two looks at an account. */
const ASK_MS = 3_000;

export function AccountPage({ owner }: { owner: string }) {
  return (
    <>
      <div class="title">
        <h1>Account</h1>
        <Digits text={owner} whole />
        <Copy text={owner} what="the owner" />
      </div>
      <Balances owner={owner} />
      <History owner={owner} />
    </>
  );
}

/** The balances of an owner, executed and final. */
export function Balances({ owner }: { owner: string }) {
  const answer = useAnswer(() => sequencer.account(owner), owner, ASK_MS);
  return (
    <Panel title="Balances">
      <Answered answer={answer}>
        {({ slots }) => (
          <Table
            caption="Balances by slot"
            columns={[
              { title: "Slot" },
              { title: "Balance", isNumber: true },
              { title: "Final on L1", isNumber: true },
              { title: "Transactions signed", isNumber: true },
            ]}
            rows={slots}
            keyOf={({ slot }) => slot}
            cells={slot => [
              <SlotLink key="slot" slot={slot.slot} />,
              <Amount key="balance" amount={slot.balance} token={slot.token} />,
              slot.final_balance === undefined ? (
                "not told"
              ) : (
                <Amount key="final" amount={slot.final_balance} token={slot.token} />
              ),
              slot.nonce,
            ]}
            empty="No slot yet: the first deposit or payment opens one."
          />
        )}
      </Answered>
    </Panel>
  );
}

/** The movements of an owner's balances, the newest first. */
export function History({ owner }: { owner: string }) {
  const [before, setBefore] = useState<string>();
  const page = { limit: PAGE_ROWS, ...(before === undefined ? {} : { before }) };
  const question = () => sequencer.history(owner, page);
  const answer = useAnswer(
    question,
    `${owner} ${before}`,
    before === undefined ? ASK_MS : undefined,
  );
  return (
    <Panel title="History">
      <Answered answer={answer}>
        {({ transactions, next }) => (
          <>
            <Table
              caption="Movements, the newest first"
              columns={[
                { title: "What" },
                { title: "Amount", isNumber: true },
                { title: "Fee", isNumber: true },
                { title: "With" },
                { title: "Stage" },
                { title: "Batch" },
                { title: "When", isNumber: true },
              ]}
              rows={transactions}
              keyOf={keyOf}
              cells={cellsOf}
              empty="Nothing has moved yet."
            />
            <Paging way="back" place={before} next={next} go={setBefore} />
          </>
        )}
      </Answered>
    </Panel>
  );
}

const keyOf = ({ block, id, request, kind, slot, counterparty }: MovementBody): string =>
  `${block} ${id ?? request?.number} ${kind} ${slot} ${counterparty}`;

const cellsOf = (movement: MovementBody) => [
  <What key="what" movement={movement} />,
  movement.amount == null ? (
    "all"
  ) : (
    <Amount key="amount" amount={movement.amount} token={movement.token} />
  ),
  movement.fee == null ? "" : <Amount key="fee" amount={movement.fee} token={movement.token} />,
  <With key="with" movement={movement} />,
  <StageBadge key="stage" stage={movement.stage} />,
  <BatchLink key="batch" number={movement.batch} />,
  dateText(movement.executed_ms),
];

const What = ({ movement: { kind, id } }: { movement: MovementBody }) =>
  id == null ? (
    <span>{kind}</span>
  ) : (
    <span>
      {kind} <TransactionLink text={id} />
    </span>
  );

function With({ movement }: { movement: MovementBody }) {
  const { counterparty, recipient, payments, request } = movement;
  if (counterparty != null) return <OwnerLink text={counterparty} />;
  if (recipient != null) return <Digits text={recipient} />;
  if (request?.l1_transaction != null) return <L1Link text={request.l1_transaction} />;
  return <>{payments == null ? "" : `${payments} owners`}</>;
}
