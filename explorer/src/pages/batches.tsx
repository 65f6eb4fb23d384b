// All batches, a page at a time.

import { useState } from "preact/hooks";
import { BatchLink, StageBadge } from "../parts/links.tsx";
import { Paging } from "../parts/paging.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { PAGE_ROWS, sequencer } from "../sequencer/sequencer.ts";
import { dateText } from "../text/time.ts";

export function BatchesPage() {
  const [before, setBefore] = useState<number>();
  const question = () =>
    sequencer.batches({ limit: PAGE_ROWS, ...(before === undefined ? {} : { before }) });
  const answer = useAnswer(question, `${before}`);
  return (
    <>
      <h1>Batches</h1>
      <Panel title={before === undefined ? "The newest" : `Before batch ${before}`}>
        <Answered answer={answer}>
          {({ batches }) => (
            <>
              <Table
                caption="Batches, the newest first"
                columns={[
                  { title: "Batch" },
                  { title: "Stage" },
                  { title: "Transactions", isNumber: true },
                  { title: "Requests of L1", isNumber: true },
                  { title: "Gas", isNumber: true },
                  { title: "Sealed", isNumber: true },
                ]}
                rows={batches}
                keyOf={({ number }) => number}
                cells={batch => [
                  <BatchLink key="batch" number={batch.number} />,
                  <StageBadge key="stage" stage={batch.state} />,
                  batch.transactions,
                  batch.requests,
                  batch.gas_used ?? "",
                  dateText(batch.sealed_ms),
                ]}
                empty="No batch is sealed yet."
              />
              <Paging
                way="back"
                place={before}
                next={batches.length === PAGE_ROWS ? batches.at(-1)?.number : undefined}
                go={setBefore}
              />
            </>
          )}
        </Answered>
      </Panel>
    </>
  );
}
