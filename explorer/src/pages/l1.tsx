// What an L1 transaction did here: the batch that it brought, and the requests that it made.

import type { L1RequestBody } from "sheaf-sdk";
import { Amount } from "../parts/amount.tsx";
import { BatchLink, Digits, OwnerLink, SlotLink, StageBadge } from "../parts/links.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { isNotFound, sequencer } from "../sequencer/sequencer.ts";

/** The pause between two questions while a request is on its way. */
const ASK_MS = 3_000;

interface Found {
  batch: number | undefined;
  requests: L1RequestBody[];
}

async function find(hash: string): Promise<Found> {
  const [batch, { requests }] = await Promise.all([
    batchOf(hash),
    sequencer.requestsOfL1Transaction(hash),
  ]);
  return { batch, requests };
}

async function batchOf(hash: string): Promise<number | undefined> {
  try {
    return (await sequencer.batchOfL1Transaction(hash)).number;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const isOnItsWay = ({ stage }: L1RequestBody): boolean => stage !== "finalised";

/** Whether nothing more will be known. What was mined a moment ago is not read yet. */
const isSettled = ({ batch, requests }: Found): boolean =>
  (batch !== undefined || requests.length > 0) && !requests.some(isOnItsWay);

export function L1Page({ hash }: { hash: string }) {
  const answer = useAnswer(
    () => find(hash),
    hash,
    found => (found === undefined || !isSettled(found) ? ASK_MS : undefined),
  );
  return (
    <>
      <div class="title">
        <h1>L1 transaction</h1>
        <Digits text={hash} />
      </div>
      <Panel title="What it did here">
        <Answered answer={answer}>
          {({ batch, requests }) => (
            <>
              {batch !== undefined && (
                <p>
                  It brought <BatchLink number={batch} /> to L1.
                </p>
              )}
              {requests.length > 0 && <Requests requests={requests} />}
              {batch === undefined && requests.length === 0 && (
                <p>
                  The sequencer sent no batch with this hash, read no deposit and no exit in it, and
                  knows no transaction of this id.
                </p>
              )}
            </>
          )}
        </Answered>
      </Panel>
    </>
  );
}

const Requests = ({ requests }: { requests: readonly L1RequestBody[] }) => (
  <Table
    caption="Requests to the rollup"
    columns={[
      { title: "What" },
      { title: "Owner" },
      { title: "Amount", isNumber: true },
      { title: "Stage" },
      { title: "Batch" },
    ]}
    rows={requests}
    keyOf={({ number }) => number}
    cells={cellsOf}
    empty="No request."
  />
);

const cellsOf = ({ kind, slot, owner, amount, token, stage, batch, ...depth }: L1RequestBody) => [
  <span key="what">
    {kind} {slot != null && <SlotLink slot={slot} />}
  </span>,
  <OwnerLink key="owner" text={owner} />,
  amount != null && token != null ? <Amount key="amount" amount={amount} token={token} /> : "",
  stage != null ? (
    <StageBadge key="stage" stage={stage} />
  ) : (
    <span key="stage" class="number">
      {depth.confirmations ?? "…"} of {depth.confirmations_needed} confirmations
    </span>
  ),
  batch != null ? <BatchLink key="batch" number={batch} /> : "",
];
