// A made-up rollup that answers as the sequencer does, for pages that need no chain.

import type { IncomingMessage, ServerResponse } from "node:http";
import type {
  BatchBody,
  BlockBody,
  DataWordBody,
  EventBody,
  JobBody,
  JobsBody,
  L1RequestBody,
  L1RequestsBody,
  MovementBody,
  PathBody,
  ProofBody,
  SlotBody,
  StatusBody,
  TokensBody,
  TransactionBody,
  TransactionStatus,
  TransactionsBody,
  WordsBody,
} from "sheaf-sdk";
import { json, refuse } from "../../sdk/test/server.ts";

export const OWNER = "sheaf164mvfc0f86v7rjkep22v3w4jl65d0wgf92khe0qn27470";
export const OTHER = "sheaf17jphnfa78e08ehhhnz7k8ez0u67axat5kze7jes0l6rqk";
export const ID = `0x${"a1".repeat(32)}`;
export const L1_HASH = `0x${"b2".repeat(32)}`;
/** The L1 transaction of a deposit that is credited, and of an exit that is not confirmed. */
export const REQUEST_HASH = `0x${"e5".repeat(32)}`;
const DIGEST = `0x${"c3".repeat(32)}`;
const CONTRACT = `0x${"11".repeat(20)}`;
/** The newest batch: the one that is being proven. */
const NEWEST = 9;

/** The jobs of a batch with so many leaves, of which the first are done. */
export function jobsOf(leaves: { signatures: number; entries: number; data: number }): JobBody[] {
  const steps: string[] = [];
  for (const [kind, count] of [
    ["signature", leaves.signatures],
    ["entry", leaves.entries],
    ["data", leaves.data],
  ] as const) {
    steps.push(...Array.from({ length: count }, (_, index) => `${kind}-${index}`));
    for (let [level, below] = [0, count]; below > 1; level += 1) {
      below = Math.ceil(below / 3);
      steps.push(...Array.from({ length: below }, (_, index) => `join-${kind}-${level}-${index}`));
    }
  }
  steps.push("batch", "wrap");
  const start = Date.now() - 30_000;
  return steps.map((step, job) => {
    const state = stateOf(job, steps.length);
    const times = state === "done" ? { started_ms: start, finished_ms: start + 2_345 } : {};
    const at = state === "leased" ? { started_ms: Date.now() - 4_000 } : {};
    const worker = state === "done" || state === "leased" ? { worker: `worker-${job % 3}` } : {};
    return { job, step, state, ...worker, ...times, ...at };
  });
}

function stateOf(job: number, count: number): JobBody["state"] {
  if (job < count / 2) return "done";
  if (job < count / 2 + 2) return "leased";
  return job < count / 2 + 5 ? "ready" : "waiting";
}

const STATES: readonly BatchBody["state"][] = ["sealed", "sealed", "proven", "submitted"];

function batchOf(number: number): BatchBody {
  const state = STATES[NEWEST - number] ?? "finalised";
  const sealed_ms = Date.now() - (NEWEST - number + 1) * 20_000;
  const reached = ["sealed", "proven", "submitted", "finalised"].indexOf(state);
  const at = (stage: number, ms: number) => (reached >= stage ? sealed_ms + ms : null);
  return {
    number,
    state,
    timestamp: Math.floor(sealed_ms / 1_000),
    first_block: number * 10,
    last_block: number * 10 + 9,
    first_request: 2,
    requests: 1,
    transactions: 130,
    entries: 300,
    data_words: 300,
    l1_words: 2,
    pre_state: DIGEST,
    post_state: DIGEST,
    post_root: DIGEST,
    next_slot: 12,
    data_mode: "blobs",
    data_reference: DIGEST,
    l1_transaction: reached >= 2 ? L1_HASH : null,
    l1_block: reached === 3 ? 100 + number : null,
    gas_used: reached === 3 ? 284_123 : null,
    sealed_ms,
    proven_ms: at(1, 9_400),
    submitted_ms: at(2, 11_000),
    finalised_ms: at(3, 14_200),
  };
}

const blockOf = (number: number): BlockBody => ({
  number,
  batch: Math.floor(number / 10),
  executed_ms: Date.now() - (100 - number) * 1_100,
  transactions: 13,
  requests: 0,
  closes: number % 10 === 9 ? "age" : null,
});

const transaction: TransactionBody = {
  id: ID,
  block: 93,
  position: 4,
  batch: NEWEST,
  executed_ms: Date.now() - 9_000,
  first_word: 117,
  owner: OWNER,
  transfer: {
    slot: 1,
    token: 0,
    nonce: 7,
    fee: "2000",
    valid_until: 1_900_000_000,
    payments: [
      { owner: OTHER, amount: "1250000000" },
      { owner: OWNER, amount: "1" },
    ],
  },
};
const words: DataWordBody[] = [
  { index: 0, word: DIGEST, kind: "debit", slot: 1, amount: "1250000001", fee: "2000" },
  { index: 1, word: DIGEST, kind: "open", slot: 2, owner: OTHER, token: 0 },
  { index: 2, word: DIGEST, kind: "credit", slot: 2, amount: "1250000000" },
];
const slot: SlotBody = {
  slot: 1,
  owner: OWNER,
  token: 0,
  balance: "8750000000",
  nonce: 8,
  next_nonce: 8,
  final_balance: "10000000000",
};
const movement: MovementBody = {
  kind: "sent",
  stage: "sealed",
  slot: 1,
  token: 0,
  amount: "1250000000",
  fee: "2000",
  counterparty: OTHER,
  id: ID,
  block: 93,
  batch: NEWEST,
  executed_ms: Date.now() - 9_000,
};

const requested: Pick<
  L1RequestBody,
  "owner" | "l1_transaction" | "l1_block" | "confirmations" | "confirmations_needed"
> = {
  owner: OWNER,
  l1_transaction: REQUEST_HASH,
  l1_block: 120,
  confirmations: 3,
  confirmations_needed: 5,
};

const range = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index));

/** What the made-up rollup answers, by path; digits of a path stand as `N`. */
const ANSWERS: Record<string, (numbers: number[]) => unknown> = {
  "/v1/status": (): StatusBody => ({
    chain_id: 1,
    contract: CONTRACT,
    development: false,
    circuits: "00".repeat(32),
    block: 99,
    block_executed_ms: Date.now(),
    open_batch: NEWEST + 1,
    sealed_batch: NEWEST,
    oldest_unproven_batch: NEWEST - 1,
    slots: 12,
    waiting: 3,
    jobs: { waiting: 9, ready: 3, leased: 2, done: 21, quarantined: 1 },
    quarantined: [
      {
        job: 44,
        batch: NEWEST,
        step: "entry-3",
        failures: 3,
        lapses: 0,
        is_quarantined: true,
        worker: "worker-2",
        reason: "the worker ran out of memory",
      },
    ],
    operator: { address: CONTRACT, wei: "1234567890123456789", batches: 4_000 },
    l1: {
      node: "node.example:443",
      compared: true,
      nodes: [{ node: "node.example:443", answers: true, block: 123 }],
    },
  }),
  "/healthz": () => ({ healthy: true }),
  "/v1/tokens": (): TokensBody => ({
    tokens: [
      {
        token: 0,
        address: `0x${"00".repeat(20)}`,
        symbol: "ETH",
        decimals: 18,
        scale: "1000000000",
      },
      { token: 1, address: CONTRACT, symbol: "USDC", decimals: 6, scale: "1" },
    ],
  }),
  "/v1/blocks": () => ({ blocks: range(10, index => blockOf(99 - index)) }),
  "/v1/blocks/N": ([number = 0]) => blockOf(number),
  "/v1/blocks/N/transactions": () => ({ transactions: [transaction] }),
  "/v1/batches": () => ({ batches: range(NEWEST, index => batchOf(NEWEST - index)) }),
  "/v1/batches/N": ([number = 0]) => batchOf(number),
  [`/v1/l1-transactions/${L1_HASH}/batch`]: () => batchOf(5),
  [`/v1/l1-transactions/${REQUEST_HASH}/requests`]: (): L1RequestsBody => ({
    requests: [
      { ...requested, number: 1, kind: "exit", slot: 1 },
      {
        ...requested,
        number: 0,
        kind: "deposit",
        token: 0,
        amount: "1250000000",
        stage: "proven",
        batch: 7,
      },
    ],
  }),
  "/v1/batches/N/transactions": (): TransactionsBody => ({
    transactions: [transaction],
    next: "93-4",
  }),
  "/v1/batches/N/words": ([batch = 0]): WordsBody => ({
    batch,
    data_words: words,
    l1_words: [],
    next: 2,
  }),
  "/v1/batches/N/proof": ([batch = 0]): ProofBody => ({
    batch,
    proof: `0x${"0d".repeat(256)}`,
    public_inputs: range(7, () => DIGEST),
    development: false,
  }),
  "/v1/batches/N/jobs": ([batch = 0]): JobsBody => ({
    batch,
    jobs: jobsOf({ signatures: 9, entries: 7, data: 1 }),
  }),
  [`/v1/transactions/${ID}`]: (): TransactionStatus => ({
    id: ID,
    stage: "sealed",
    durable: true,
    block: 93,
    position: 4,
    batch: NEWEST,
  }),
  [`/v1/transactions/${ID}/body`]: () => transaction,
  [`/v1/accounts/${OWNER}`]: () => ({ owner: OWNER, slots: [slot] }),
  [`/v1/accounts/${OWNER}/transactions`]: () => ({ owner: OWNER, transactions: [movement] }),
  "/v1/slots/N": () => slot,
  "/v1/slots/N/path": (): PathBody => ({
    ...slot,
    siblings: range(32, () => DIGEST),
    batch: 5,
    root: DIGEST,
    next_slot: 12,
  }),
};

/** Answers as the rollup; with `isOld`, only what the first version of the API has. */
export function answer(isOld: boolean) {
  const later = /\/(?:transactions|words|jobs|body)$|^\/v1\/(?:blocks|tokens|l1-)/;
  return ({ url = "/" }: IncomingMessage, response: ServerResponse): void => {
    const path = url.split("?")[0] ?? url;
    if (path === "/v1/events") {
      stream(response);
      return;
    }
    const numbers = [...path.matchAll(/\/(\d+)(?=\/|$)/g)].map(([, digits]) => Number(digits));
    const form = path.replace(/\/\d+(?=\/|$)/g, "/N");
    const found = ANSWERS[path] ?? ANSWERS[form];
    const isLater = later.test(path) && !path.startsWith("/v1/accounts");
    if (found === undefined || (isOld && isLater)) {
      const isOfL1 = !isOld && path.startsWith("/v1/l1-transactions/");
      if (isOfL1 && path.endsWith("/requests")) json(response, 200, { requests: [] });
      else refuse(response, 404, { code: isOfL1 ? "batch_not_found" : "route_not_found" });
      return;
    }
    json(response, 200, found(numbers));
  };
}

/** Two blocks, and then silence. */
function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const number of [100, 101]) {
    const block: EventBody = { event: "block", ...blockOf(number), batch: NEWEST + 1 };
    response.write(`event: block\ndata: ${JSON.stringify(block)}\n\n`);
  }
}
