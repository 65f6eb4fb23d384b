// What page and worker tell each other while a batch is checked.

import type { BatchBody, Hex } from "sheaf-sdk";
import type { Step, Words } from "./questions.ts";

/** What the worker is to check. */
export interface Task {
  batch: BatchBody;
  contract: Hex;
  chainId: number;
  /** The URL of the reader's node; without one, the worker asks the page to ask a wallet. */
  url?: string;
}

/** From the page. */
export type ToWorker =
  | { kind: "task"; task: Task }
  | { kind: "answer"; id: number; result?: unknown; fault?: string };

/** From the worker. */
export type FromWorker =
  | { kind: "ask"; id: number; method: string; params: unknown }
  | { kind: "step"; step: Step }
  | { kind: "end"; words: Words | undefined; ms: number };
