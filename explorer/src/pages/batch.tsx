// A batch: how far it is, what L1 has of it, its proof, words and transactions.

import type { BatchBody, JobBody } from "sheaf-sdk";
import { Check } from "../check/check.tsx";
import { BlockLink, Copy, Digits, L1Link, StageBadge } from "../parts/links.tsx";
import { useNow } from "../parts/now.ts";
import { Answered, Fact, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { Transactions } from "../parts/transactions.tsx";
import { BatchWords } from "../parts/words.tsx";
import { milestonesOf, Timeline } from "../picture/timeline.tsx";
import { countsText, jobTime, ProofTree } from "../picture/tree.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { isMissingRoute, isNotFound, sequencer } from "../sequencer/sequencer.ts";
import { dateText } from "../text/time.ts";

/** The pause between two looks at a batch that is not final. */
const ASK_MS = 1_000;

export function BatchPage({ number }: { number: number }) {
  const answer = useAnswer(
    () => sequencer.batch(number),
    `${number}`,
    found => (found?.state === "finalised" ? undefined : ASK_MS),
  );
  const batch = answer.value;
  return (
    <>
      <div class="title">
        <h1>Batch {number}</h1>
        {batch !== undefined && <StageBadge stage={batch.state} />}
        <span class="acts small">
          {number > 1 && <a href={`/batch/${number - 1}`}>the one before</a>}
          <a href={`/batch/${number + 1}`}>the one after</a>
        </span>
      </div>
      {batch === undefined && isNotFound(answer.error) ? (
        <p class="notice">
          Batch {number} is not sealed yet. This page shows the batch as soon as it is.
        </p>
      ) : (
        <Answered answer={answer}>
          {batch => (
            <>
              <Panel title="Timeline">
                <Timeline milestones={milestonesOf(batch)} />
              </Panel>
              <Check batch={batch} />
              <What batch={batch} />
              <Proof number={number} state={batch.state} />
              <Jobs number={number} isDone={batch.state !== "sealed"} />
              <Transactions of="batches" number={number} />
              <BatchWords batch={number} />
            </>
          )}
        </Answered>
      )}
    </>
  );
}

const What = ({ batch }: { batch: BatchBody }) => (
  <Panel title="What it is">
    <dl class="facts">
      <Fact name="Transactions">{batch.transactions}</Fact>
      <Fact name="Requests of L1">{batch.requests}</Fact>
      <Fact name="Entries">{batch.entries}</Fact>
      <Fact name="Data words">{batch.data_words}</Fact>
      <Fact name="L1 words">{batch.l1_words}</Fact>
      <Fact name="Blocks">
        <BlockLink number={batch.first_block} /> to <BlockLink number={batch.last_block} />
      </Fact>
      <Fact name="Timestamp">{dateText(batch.timestamp * 1_000)}</Fact>
      <Fact name="Data travel in">{batch.data_mode}</Fact>
      <Fact name="Gas">{batch.gas_used ?? "not final yet"}</Fact>
      <Fact name="L1 block">{batch.l1_block ?? "not final yet"}</Fact>
      {batch.l1_transaction != null && (
        <Fact name="L1 transaction">
          <L1Link text={batch.l1_transaction} />
          <Copy text={batch.l1_transaction} what="the L1 transaction" />
        </Fact>
      )}
      <Fact name="State before" wide>
        <Digits text={batch.pre_state} whole />
      </Fact>
      <Fact name="State after" wide>
        <Digits text={batch.post_state} whole />
      </Fact>
      {batch.data_reference != null && (
        <Fact name="Reference of the data" wide>
          <Digits text={batch.data_reference} whole />
        </Fact>
      )}
    </dl>
  </Panel>
);

/** The names of the seven public inputs, after section 9 of the protocol. */
const INPUTS = [
  "state before, and",
  "state after, first half",
  "state after, and chains",
  "chains",
  "z, the point",
  "y, the value there",
  "y's top, time, L1 words",
];

function Proof({ number, state }: { number: number; state: BatchBody["state"] }) {
  const answer = useAnswer(() => sequencer.proof(number), `${number} ${state}`);
  if (isNotFound(answer.error)) return null;
  return (
    <Panel title="Proof">
      <Answered answer={answer}>
        {({ proof, public_inputs, development }) => (
          <>
            {development && (
              <p class="notice">This is a development proof, which proves nothing.</p>
            )}
            <details>
              <summary>The proof and its seven public inputs</summary>
              <p class="digits small">{proof}</p>
              <Table
                caption="Public inputs"
                columns={[{ title: "Input", isNumber: true }, { title: "Has" }, { title: "Value" }]}
                rows={public_inputs.map((value, index) => ({ value, index }))}
                keyOf={({ index }) => index}
                cells={({ value, index }) => [
                  index,
                  INPUTS[index] ?? "",
                  <Digits key="value" text={value} whole />,
                ]}
                empty="No inputs."
              />
            </details>
          </>
        )}
      </Answered>
    </Panel>
  );
}

function Jobs({ number, isDone }: { number: number; isDone: boolean }) {
  const now = useNow();
  const every = isDone ? undefined : ASK_MS;
  const answer = useAnswer(() => sequencer.jobs(number), `${number} ${isDone}`, every);
  if (isMissingRoute(answer.error) || answer.value?.jobs.length === 0) return null;
  return (
    <Panel
      title="Proof tree"
      aside={<span class="small faint">{countsText(answer.value?.jobs ?? [])}</span>}
    >
      <Answered answer={answer}>
        {({ jobs }) => (
          <>
            <ProofTree jobs={jobs} now={now} />
            <details>
              <summary>Each proof with its worker</summary>
              <JobTable jobs={jobs} now={now} />
            </details>
          </>
        )}
      </Answered>
    </Panel>
  );
}

const JobTable = ({ jobs, now }: { jobs: readonly JobBody[]; now: number }) => (
  <Table
    caption="Proofs of the batch"
    columns={[
      { title: "Step" },
      { title: "State" },
      { title: "Worker" },
      { title: "Took", isNumber: true },
    ]}
    rows={jobs}
    keyOf={({ job }) => job}
    cells={job => [
      <span key="step" class="digits">
        {job.step}
      </span>,
      job.state,
      job.worker ?? "",
      jobTime(job, now),
    ]}
    empty="No proofs."
  />
);
