import assert from "node:assert/strict";
import { test } from "node:test";
import type { Stage } from "../src/answers.js";
import { STAGES } from "../src/answers.js";
import { Api } from "../src/api.js";
import { isReached, RejectedError, waitForDeposit, waitForStage } from "../src/waiting.js";
import { type Answer, json, refuse, serve } from "./server.js";

const ID = `0x${"2".repeat(64)}`;

/** Waits with scripted answers. */
async function waited<T>(answer: Answer, wait: (api: Api) => Promise<T>): Promise<T> {
  const server = await serve(answer);
  try {
    return await wait(new Api(server.url));
  } finally {
    await server.close();
  }
}

const stage = (name: Stage) => ({ id: ID, stage: name, durable: true });

test("a goal is reached by its stage and every later one", () => {
  for (const [place, goal] of STAGES.entries()) {
    for (const [reached, stage] of STAGES.entries()) {
      assert.equal(isReached(goal, stage), reached >= place, `${goal} ${stage}`);
    }
    assert.equal(isReached(goal, "rejected"), goal === "received");
    assert.equal(isReached("rejected", goal), false);
  }
});

test("stages are told once each until the goal", async () => {
  const stages: Stage[] = ["accepted", "executed", "executed", "sealed", "finalised"];
  const told: Stage[] = [];
  const found = await waited(
    (place, _, response) => json(response, 200, stage(stages[place] ?? "received")),
    api => waitForStage(api, ID, "submitted", { onStage: ({ stage }) => void told.push(stage) }),
  );
  assert.equal(found.stage, "finalised");
  assert.deepEqual(told, ["accepted", "executed", "sealed", "finalised"]);
});

test("a restart is waited out, and an answer that does not pass is not", async () => {
  const found = await waited(
    (place, request, response) => {
      if (place === 0) request.socket.destroy();
      else if (place === 1) refuse(response, 503, { code: "following" });
      else json(response, 200, stage("executed"));
    },
    api => waitForStage(api, ID, "executed"),
  );
  assert.equal(found.stage, "executed");
  const unknown = waited(
    (_, __, response) => refuse(response, 404, { code: "transaction_not_found" }),
    api => waitForStage(api, ID, "executed"),
  );
  await assert.rejects(unknown, { code: "transaction_not_found" });
});

test("a refused transaction ends the wait with the reason", async () => {
  const error = { code: "expired", message: "too late" };
  const refused = waited(
    (_, __, response) => json(response, 200, { ...stage("rejected"), error }),
    api => waitForStage(api, ID, "executed"),
  );
  await assert.rejects(refused, found => {
    assert.ok(found instanceof RejectedError);
    assert.deepEqual([found.code, found.id, found.detail], ["rejected", ID, error]);
    return true;
  });
});

test("a wait ends at its time, or by its signal", async () => {
  const wait = (options: { timeoutMs?: number; signal?: AbortSignal }) =>
    waited(
      (_, __, response) => json(response, 200, stage("sealed")),
      api => waitForStage(api, ID, "finalised", options),
    );
  await assert.rejects(wait({ timeoutMs: 300 }), {
    code: "late",
    message: `waited for transaction ${ID} for 0.3 s in vain; the last answer: sealed`,
  });
  await assert.rejects(wait({ signal: AbortSignal.timeout(50) }), { name: "TimeoutError" });
});

test("a deposit is found however much moves after it, and blocks are searched once", async () => {
  const hash = `0x${"ab".repeat(32)}`;
  const movement = (block: number) => ({
    kind: "deposited",
    stage: block === 1 ? "sealed" : "executed",
    block,
    request: { number: block, l1_transaction: block === 1 ? hash : null },
  });
  const places: (string | undefined)[] = [];
  const answer: Answer = (_, request, response) => {
    const before = /before=(\d+)/.exec(request.url ?? "")?.[1];
    places.push(before);
    const newest = before === undefined ? 151 : Number(before);
    const oldest = Math.max(newest - 100, 0);
    const blocks = Array.from({ length: newest - oldest }, (_, index) => newest - index);
    const next = oldest > 0 ? { next: `${oldest}` } : {};
    json(response, 200, { owner: "", transactions: blocks.map(movement), ...next });
  };
  const deposit = { owner: "sheaf1", l1Transaction: hash.toUpperCase().replace("0X", "0x") };
  const found = await waited(answer, api => waitForDeposit(api, deposit, "sealed"));
  assert.equal(found.block, 1);
  assert.deepEqual(places.splice(0), [undefined, "51"]);
  const other = { ...deposit, l1Transaction: `0x${"cd".repeat(32)}` };
  const wait = { timeoutMs: 1_000 };
  const missing = waited(answer, api => waitForDeposit(api, other, "sealed", wait));
  const named = new RegExp(`^waited for deposit ${other.l1Transaction} for 1 s in vain; `);
  await assert.rejects(missing, { code: "late", message: named });
  assert.deepEqual(places.slice(0, 3), [undefined, "51", undefined]);
  assert.ok(!places.slice(2).includes("51"));
});
