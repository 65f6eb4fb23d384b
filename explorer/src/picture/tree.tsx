// The proof tree of a batch, which fills job by job.

import type { JobBody } from "sheaf-sdk";
import { durationText } from "../text/time.ts";
import { type PlacedJob, type Tree, treeOf } from "./tree_layout.ts";

const STATES: readonly JobBody["state"][] = ["waiting", "ready", "leased", "done", "quarantined"];

/** How many jobs are in each state, in words. */
export function countsText(jobs: readonly JobBody[]): string {
  const count = (state: JobBody["state"]) => jobs.filter(job => job.state === state).length;
  return STATES.filter(state => count(state) > 0)
    .map(state => `${count(state)} ${state}`)
    .join(", ");
}

/** How long a job took, or has taken so far. */
export function jobTime(job: JobBody, now: number): string {
  if (job.started_ms == null) return "";
  return durationText((job.finished_ms ?? now) - job.started_ms);
}

export function ProofTree({ jobs, now }: { jobs: readonly JobBody[]; now: number }) {
  const tree = treeOf(jobs);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that arrow keys scroll it. */}
      <section class="table-box" tabIndex={0} aria-label="Proof tree">
        <svg class="picture tree" viewBox={`0 0 ${tree.width} ${tree.height}`}>
          <title>{`The proof tree: ${countsText(jobs)}`}</title>
          {tree.edges.map(({ from, to }) => (
            <path
              key={`${from.job}-${to.job}`}
              class={`edge ${from.state === "done" ? "done" : ""}`}
              d={curve(from, to)}
            />
          ))}
          {tree.jobs.map(job => (
            <JobMark key={job.job} job={job} tree={tree} now={now} />
          ))}
        </svg>
      </section>
      <p class="legend">
        {STATES.map(state => (
          <span key={state}>
            <svg class="tree" viewBox="0 0 14 14" aria-hidden="true">
              <circle class={`job ${state}`} cx="7" cy="7" r="5" />
            </svg>
            {state}
          </span>
        ))}
      </p>
    </>
  );
}

function curve(from: PlacedJob, to: PlacedJob): string {
  const middle = (from.x + to.x) / 2;
  return `M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${to.x} ${to.y}`;
}

function JobMark({ job, tree, now }: { job: PlacedJob; tree: Tree; now: number }) {
  const isNamed = job.step === "batch" || job.step === "wrap" || job.state === "leased";
  const time = jobTime(job, now);
  const room = tree.radius >= 6;
  return (
    <g>
      <title>{[job.step, job.state, job.worker, time].filter(Boolean).join(", ")}</title>
      <circle class={`job ${job.state}`} cx={job.x} cy={job.y} r={tree.radius} />
      {isNamed && room && (
        <text class="note" x={job.x + tree.radius + 5} y={job.y + 4}>
          {job.step} {time}
        </text>
      )}
    </g>
  );
}
