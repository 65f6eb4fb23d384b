// Workers and queues, for the operator.

import { useState } from "preact/hooks";
import type { JobBody, StatusBody } from "sheaf-sdk";
import { BatchLink, Digits } from "../parts/links.tsx";
import { useNow } from "../parts/now.ts";
import { Fact, Fault, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { useFeed } from "../sequencer/feed.ts";
import { isMissingRoute, sequencer } from "../sequencer/sequencer.ts";
import { ETHER } from "../sequencer/tokens.ts";
import { l1AmountText } from "../text/amount.ts";
import { agoText, durationText } from "../text/time.ts";

/** Batches whose jobs are looked at for workers. */
const BATCHES_SEEN = 5;
/** The pause between two looks at them. */
const ASK_MS = 5_000;

export function OperatorPage() {
  const { status, batches } = useFeed();
  const health = useAnswer(() => sequencer.health(), "health", ASK_MS);
  return (
    <>
      <h1>Workers and queues</h1>
      {health.error !== undefined && <Fault error={health.error} />}
      {health.value !== undefined && (
        <p class="notice good">
          Healthy: blocks and batches advance
          {health.value.l1_unreachable ? ", and payments go on although no L1 node answers." : "."}
        </p>
      )}
      {status !== undefined && <Queues status={status} />}
      <Workers numbers={batches.slice(0, BATCHES_SEEN).map(({ number }) => number)} />
      {status !== undefined && <OnL1 status={status} />}
      {status !== undefined && <Acts status={status} />}
    </>
  );
}

const Queues = ({ status: { waiting, jobs, oldest_unproven_batch, open_batch } }: Of) => (
  <Panel title="Queues">
    <dl class="facts">
      <Fact name="Transactions that wait">{waiting}</Fact>
      <Fact name="Open batch">{open_batch ?? "none"}</Fact>
      <Fact name="Oldest batch without a proof">{oldest_unproven_batch ?? "none"}</Fact>
      <Fact name="Jobs that wait for others">{jobs.waiting}</Fact>
      <Fact name="Jobs for the next worker">{jobs.ready}</Fact>
      <Fact name="Jobs with a worker">{jobs.leased}</Fact>
      <Fact name="Jobs done">{jobs.done}</Fact>
      <Fact name="Jobs that nobody gets">{jobs.quarantined}</Fact>
    </dl>
  </Panel>
);

interface Of {
  status: StatusBody;
}

/** What a worker has done in the batches that are looked at. */
export interface Worker {
  name: string;
  at: JobBody | undefined;
  done: number;
  /** Milliseconds of a job, on average. */
  average: number;
  last: number;
}

/** The workers of these jobs. */
export function workersOf(jobs: readonly JobBody[]): Worker[] {
  const names = [...new Set(jobs.flatMap(({ worker }) => worker ?? []))].sort();
  return names.map(name => {
    const own = jobs.filter(({ worker }) => worker === name);
    const times = own.flatMap(({ started_ms: start, finished_ms: end }) =>
      start == null || end == null ? [] : [end - start],
    );
    const seen = own.map(({ started_ms, finished_ms }) => finished_ms ?? started_ms ?? 0);
    return {
      name,
      at: own.find(({ state }) => state === "leased"),
      done: times.length,
      average: times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length),
      last: Math.max(...seen),
    };
  });
}

function Workers({ numbers }: { numbers: readonly number[] }) {
  const now = useNow();
  const question = async () => {
    const trees = await Promise.all(numbers.map(number => sequencer.jobs(number)));
    return trees.flatMap(({ jobs }) => jobs);
  };
  const answer = useAnswer(question, numbers.join(), ASK_MS);
  return (
    <Panel title="Workers" aside={<span class="small faint">of the newest batches</span>}>
      {isMissingRoute(answer.error) && (
        <p class="faint">This sequencer is older than the page and does not name its workers.</p>
      )}
      {answer.value !== undefined && (
        <Table
          caption="Workers"
          columns={[
            { title: "Worker" },
            { title: "Proves now" },
            { title: "Jobs done", isNumber: true },
            { title: "A job takes", isNumber: true },
            { title: "Last seen", isNumber: true },
          ]}
          rows={workersOf(answer.value)}
          keyOf={({ name }) => name}
          cells={({ name, at, done, average, last }) => [
            <span key="name" class="digits">
              {name}
            </span>,
            at?.step ?? "nothing",
            done,
            done === 0 ? "" : durationText(average),
            last === 0 ? "" : agoText(last, now),
          ]}
          empty="No worker has proven anything in the newest batches: is one running?"
        />
      )}
    </Panel>
  );
}

function OnL1({ status: { operator, l1 } }: Of) {
  if (operator == null && l1 == null) return null;
  return (
    <Panel title="On L1">
      <dl class="facts">
        {operator != null && (
          <Fact name="The operator's account" wide>
            <Digits text={operator.address} whole />
            <p>
              {l1AmountText(operator.wei, ETHER)} ETH, for {operator.batches} batches
            </p>
          </Fact>
        )}
        {l1?.nodes.map(({ node, answers, block }) => (
          <Fact key={node} name={`Node ${node}`}>
            {answers ? `answers, block ${block ?? "unknown"}` : "does not answer"}
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

/** What only the operator's token may do. The token stays in this field. */
function Acts({ status: { quarantined, open_batch } }: Of) {
  const [token, setToken] = useState("");
  const [said, setSaid] = useState<{ done?: string; error?: unknown }>({});
  const act = (done: string, deed: () => Promise<unknown>) => {
    deed().then(
      () => setSaid({ done }),
      error => setSaid({ error }),
    );
  };
  return (
    <Panel title="Acts of the operator">
      <form class="form" onSubmit={event => event.preventDefault()}>
        <div class="field">
          <label for="token">Operator's token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            value={token}
            onInput={event => setToken(event.currentTarget.value)}
          />
        </div>
        <div class="acts">
          <button
            type="button"
            disabled={token === "" || open_batch == null}
            onClick={() => act("The open batch is closed.", () => sequencer.closeBatch(token))}
          >
            Close the open batch
          </button>
        </div>
        {quarantined.map(({ job, batch, step }) => (
          <div key={job} class="acts">
            <span>
              Job {job}, {step} of <BatchLink number={batch} />, waits for you.
            </span>
            <button
              type="button"
              disabled={token === ""}
              onClick={() =>
                act(`Job ${job} is in the queue.`, () => sequencer.requeue(job, token))
              }
            >
              Put job {job} into the queue again
            </button>
          </div>
        ))}
      </form>
      {said.error !== undefined && <Fault error={said.error} />}
      {said.done !== undefined && (
        <p class="notice good" role="status">
          {said.done}
        </p>
      )}
    </Panel>
  );
}
