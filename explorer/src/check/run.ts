// Starts the worker that checks a batch, and asks the reader's wallet for it.

import type { Provider } from "../wallet/provider.ts";
import type { FromWorker, Task, ToWorker } from "./messages.ts";
import type { Step, Words } from "./questions.ts";

/** How long a check may take: six full blobs take a minute on a slow phone. */
const CHECK_MS_MAX = 300_000;
/** Of the built page, the worker's file; of the development server, its source. */
const WORKER = import.meta.env.DEV ? "/src/check/worker.ts" : "/check.js";
/** What a check may ask a wallet: reading, and nothing that a wallet asks its user about. */
const READS = new Set([
  "eth_chainId",
  "eth_blockNumber",
  "eth_call",
  "eth_getLogs",
  "eth_getTransactionByHash",
  "eth_getBlockByNumber",
]);

/** What a finished check leaves. */
export interface Outcome {
  words: Words | undefined;
  ms: number;
}

/** A running check. */
export interface Running {
  outcome: Promise<Outcome>;
  stop: () => void;
}

/** Checks a batch; `provider` is asked where the task has no URL. */
export function run(task: Task, provider: Provider | undefined, tell: (step: Step) => void) {
  const worker = new Worker(WORKER, { type: "module" });
  const answer = (message: ToWorker) => worker.postMessage(message);
  const stop = () => worker.terminate();
  const outcome = new Promise<Outcome>((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error("The check took too long and was stopped: try again with another node."));
    }, CHECK_MS_MAX);
    worker.onerror = () => {
      clearTimeout(late);
      reject(new Error("The check did not start: load the page again."));
    };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === "step") tell(data.step);
      if (data.kind === "ask") void ask(provider, data).then(answer);
      if (data.kind !== "end") return;
      clearTimeout(late);
      stop();
      resolve(data);
    };
  });
  answer({ kind: "task", task });
  return { outcome, stop } satisfies Running;
}

async function ask(
  provider: Provider | undefined,
  { id, method, params }: Extract<FromWorker, { kind: "ask" }>,
): Promise<ToWorker> {
  try {
    if (provider === undefined || !READS.has(method)) throw new Error(`${method} is not asked`);
    return { kind: "answer", id, result: await provider.request({ method, params }) };
  } catch (error) {
    const { message } = error as { message?: string };
    return { kind: "answer", id, fault: message ?? "the wallet does not answer" };
  }
}
