import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchBody, JobBody } from "sheaf-sdk";
import { workersOf } from "../src/pages/operator.tsx";
import { stepOf, treeOf } from "../src/picture/tree_layout.ts";
import { batchAtWork, counted, rateOf } from "../src/sequencer/feed.ts";
import { jobsOf } from "./rollup.ts";

test("steps are read as the sequencer writes them", () => {
  assert.deepEqual(stepOf("entry-3"), { kind: "entry", level: 0, index: 3 });
  assert.deepEqual(stepOf("join-signature-1-2"), { kind: "signature", level: 2, index: 2 });
  assert.deepEqual(stepOf("wrap"), { kind: "wrap", level: 0, index: 0 });
  for (const name of ["join-entry-2", "entry-1-2", "outer", ""]) {
    assert.equal(stepOf(name), undefined);
  }
});

test("each proof stands behind the proofs that it needs", () => {
  const jobs = jobsOf({ signatures: 7, entries: 4, data: 1 });
  const tree = treeOf(jobs);
  assert.equal(tree.jobs.length, jobs.length);
  for (const { from, to } of tree.edges) assert.ok(from.x < to.x, `${from.step} ${to.step}`);
  const needed = (step: string) =>
    tree.edges.filter(({ to }) => to.step === step).map(({ from }) => from.step);
  assert.deepEqual(needed("join-signature-0-2"), ["signature-6"]);
  assert.deepEqual(needed("join-signature-1-0").length, 3);
  assert.deepEqual(needed("batch"), ["join-signature-1-0", "join-entry-1-0", "data-0"]);
  assert.deepEqual(needed("wrap"), ["batch"]);
  // No two proofs stand in one place.
  assert.equal(new Set(tree.jobs.map(({ x, y }) => `${x} ${y}`)).size, jobs.length);
});

test("a development proof is a tree of one", () => {
  const tree = treeOf([{ job: 1, step: "wrap", state: "done" }]);
  assert.equal(tree.jobs.length, 1);
  assert.equal(tree.edges.length, 0);
  assert.equal(treeOf([]).jobs.length, 0);
});

test("workers are counted by what they proved", () => {
  const job = (part: Partial<JobBody>): JobBody => ({
    job: 1,
    step: "entry-0",
    state: "done",
    ...part,
  });
  const workers = workersOf([
    job({ worker: "b", started_ms: 0, finished_ms: 3_000 }),
    job({ worker: "b", started_ms: 5_000, finished_ms: 6_000 }),
    job({ worker: "a", state: "leased", started_ms: 9_000, step: "wrap" }),
    job({ state: "waiting" }),
  ]);
  assert.deepEqual(
    workers.map(({ name, done, average, last, at }) => [name, done, average, last, at?.step]),
    [
      ["a", 0, 0, 9_000, "wrap"],
      ["b", 2, 2_000, 6_000, undefined],
    ],
  );
});

test("the rate is that of whole seconds", () => {
  const block = (second: number, transactions: number) => ({
    number: 1,
    batch: 1,
    executed_ms: second * 1_000 + 400,
    transactions,
    requests: 0,
  });
  let seconds = counted([], block(100, 30));
  seconds = counted(seconds, block(100, 20));
  seconds = counted(seconds, block(109, 50));
  assert.equal(rateOf(seconds, 110, 10), 10);
  assert.equal(rateOf(seconds, 109, 10), 5, "a second that goes on is not counted");
  assert.deepEqual(counted(seconds, block(200, 1)), [{ second: 200, transactions: 1 }]);
});

test("the batch at work is the oldest that is being proven", () => {
  const batches = [
    { number: 9, state: "sealed" },
    { number: 8, state: "sealed" },
    { number: 7, state: "finalised" },
  ] as BatchBody[];
  assert.equal(batchAtWork(batches), 8);
  assert.equal(batchAtWork(batches.slice(2)), 7);
  assert.equal(batchAtWork([]), undefined);
});
