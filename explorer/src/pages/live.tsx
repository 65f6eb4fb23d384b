// What happens now.

import type { JobBody } from "sheaf-sdk";
import { BatchLink, BlockLink, StageBadge } from "../parts/links.tsx";
import { useNow } from "../parts/now.ts";
import { Fact, Panel } from "../parts/panel.tsx";
import { Table } from "../parts/table.tsx";
import { Pipeline } from "../picture/pipeline.tsx";
import { RateBars } from "../picture/rate.tsx";
import { countsText, jobTime, ProofTree } from "../picture/tree.tsx";
import { type Feed, rateOf, useFeed } from "../sequencer/feed.ts";
import { agoText, clockText, durationText } from "../text/time.ts";

/** Seconds over which the number of the rate is taken. */
const RATE_WINDOW_S = 10;
/** Batches of the table. */
const BATCHES_SHOWN = 10;
/** How often the page tells what has changed to those who hear it: numbers move each second. */
const SAID_EVERY_MS = 20_000;

export function LivePage() {
  const feed = useFeed();
  const now = useNow();
  return (
    <>
      <h1 class="hidden">What happens now</h1>
      <Connection feed={feed} />
      <Rate feed={feed} now={now} />
      <Panel title="From block to L1">
        <Pipeline batches={feed.batches} open={feed.status?.open_batch ?? undefined} now={now} />
      </Panel>
      <Proofs feed={feed} now={now} />
      <div class="columns">
        <Blocks feed={feed} now={now} />
        <Batches feed={feed} now={now} />
      </div>
      <Said feed={feed} now={now} />
    </>
  );
}

const Connection = ({ feed: { connection } }: { feed: Feed }) =>
  connection === "lost" ? (
    <p class="notice bad" role="alert">
      The sequencer does not answer. The page asks again every few seconds; what it shows is old.
    </p>
  ) : null;

function Rate({ feed, now }: { feed: Feed; now: number }) {
  const { status, blocks, batches, seconds } = feed;
  const rate = rateOf(seconds, Math.floor(now / 1_000), RATE_WINDOW_S);
  const final = batches.find(({ state }) => state === "finalised");
  return (
    <section class="panel" aria-label="Rate and state">
      <div class="hero">
        <div>
          <div class="rate-number">{rate >= 100 ? Math.round(rate) : rate.toFixed(1)}</div>
          <div class="faint">transactions a second</div>
        </div>
        <RateBars seconds={seconds} now={now} />
        <dl class="facts">
          <Fact name="Newest block">
            <span class="big number">{blocks[0]?.number ?? status?.block ?? "none yet"}</span>
          </Fact>
          <Fact name="Newest final batch">
            <span class="big number">{final?.number ?? "none yet"}</span>
          </Fact>
          <Fact name="Waiting">
            <span class="big number">{status?.waiting ?? "…"}</span>
          </Fact>
          <Fact name="Open slots">
            <span class="big number">{status?.slots ?? "…"}</span>
          </Fact>
        </dl>
      </div>
    </section>
  );
}

function Proofs({ feed: { tree, batches }, now }: { feed: Feed; now: number }) {
  if (tree === undefined) return null;
  const isWorking = batches.find(({ number }) => number === tree.batch)?.state === "sealed";
  const { jobs } = tree;
  return (
    <Panel
      title={
        isWorking ? `Batch ${tree.batch} is being proven` : `How batch ${tree.batch} was proven`
      }
      aside={jobs !== undefined && <span class="faint small number">{countsText(jobs)}</span>}
    >
      {jobs === undefined && (
        <p class="faint">This sequencer is older than the page and does not list single proofs.</p>
      )}
      {jobs?.length === 0 && (
        <p class="faint">The single proofs of a final batch are not kept; its last proof is.</p>
      )}
      {jobs !== undefined && jobs.length > 0 && (
        <>
          <ProofTree jobs={jobs} now={now} />
          <AtWork jobs={jobs} now={now} />
        </>
      )}
    </Panel>
  );
}

/** Who proves what at the moment. */
function AtWork({ jobs, now }: { jobs: readonly JobBody[]; now: number }) {
  const leased = jobs.filter(({ state }) => state === "leased");
  if (leased.length === 0) return null;
  return (
    <ul class="plain-list small">
      {leased.map(job => (
        <li key={job.job}>
          <span class="digits">{job.worker ?? "a worker"}</span> proves{" "}
          <span class="digits">{job.step}</span> since{" "}
          <span class="number">{jobTime(job, now)}</span>
        </li>
      ))}
    </ul>
  );
}

const Blocks = ({ feed, now }: { feed: Feed; now: number }) => (
  <Panel title="Latest blocks">
    <Table
      caption="The latest blocks"
      columns={[
        { title: "Block" },
        { title: "Batch" },
        { title: "Transactions", isNumber: true },
        { title: "Age", isNumber: true },
      ]}
      rows={feed.blocks}
      keyOf={({ number }) => number}
      cells={block => [
        <BlockLink key="block" number={block.number} />,
        block.batch,
        block.transactions,
        <span key="age" title={clockText(block.executed_ms)}>
          {agoText(block.executed_ms, now)}
        </span>,
      ]}
      empty="No block since this page was opened: a payment or a deposit makes one."
    />
  </Panel>
);

const Batches = ({ feed, now }: { feed: Feed; now: number }) => (
  <Panel title="Latest batches" aside={<a href="/batches">all batches</a>}>
    <Table
      caption="The latest batches"
      columns={[
        { title: "Batch" },
        { title: "Stage" },
        { title: "Transactions", isNumber: true },
        { title: "Sealed", isNumber: true },
      ]}
      rows={feed.batches.slice(0, BATCHES_SHOWN)}
      keyOf={({ number }) => number}
      cells={batch => [
        <BatchLink key="batch" number={batch.number} />,
        <StageBadge key="stage" stage={batch.state} />,
        batch.transactions,
        agoText(batch.sealed_ms, now),
      ]}
      empty="No batch is sealed yet."
    />
  </Panel>
);

/** The numbers as a sentence, which changes seldom enough to be heard. */
function Said({ feed, now }: { feed: Feed; now: number }) {
  const moment = Math.floor(now / SAID_EVERY_MS) * (SAID_EVERY_MS / 1_000);
  const rate = rateOf(feed.seconds, moment, SAID_EVERY_MS / 1_000);
  const final = feed.batches.find(({ state }) => state === "finalised");
  return (
    <p class="hidden" aria-live="polite">
      {rate.toFixed(1)} transactions a second in the last {durationText(SAID_EVERY_MS)}.
      {final !== undefined && ` Batch ${final.number} is final.`}
    </p>
  );
}
