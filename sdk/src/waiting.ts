// Waiting for a stage, never longer than the caller says.

import {
  type ErrorDetail,
  type MovementBody,
  STAGES,
  type Stage,
  type TransactionStatus,
} from "./answers.js";
import type { Api } from "./api.js";
import { SheafError } from "./error.js";
import { ApiError, mayPass, pause } from "./http.js";

/** The pause between two questions. */
const PAUSE_MS = 200;
/** How long a wait takes if nothing is said: a batch may take an hour to be proven and final. */
const WAIT_MS_MAX = 3_600_000;
/** Movements in a page that is searched for a deposit: the most that a page has. */
const PAGE_MOVEMENTS = 100;
/** Pages that one search reads. */
const PAGES_MAX = 1_000;

/** How to wait. */
export interface WaitOptions<Seen> {
  /** The longest wait in milliseconds; an hour if left out. */
  timeoutMs?: number;
  /** Ends the wait with the signal's reason. */
  signal?: AbortSignal;
  /** Called once for each stage that is seen. */
  onStage?: (seen: Seen) => void;
}

/** A refusal of a transaction after it was accepted. */
export class RejectedError extends SheafError {
  readonly id: string;
  /** Why, unless the sequencer has forgotten. */
  readonly detail: ErrorDetail | undefined;

  constructor(id: string, detail: ErrorDetail | undefined) {
    const why = detail === undefined ? "" : `: ${detail.message} (${detail.code})`;
    super("rejected", `the sequencer has refused transaction ${id}${why}`);
    this.name = "RejectedError";
    this.id = id;
    this.detail = detail;
  }
}

/** Whether a transaction at `stage` has reached `goal`. */
export function isReached(goal: Stage, stage: Stage): boolean {
  if (goal === stage || goal === "received") return true;
  if (goal === "rejected" || stage === "rejected") return false;
  return STAGES.indexOf(stage) >= STAGES.indexOf(goal);
}

/**
 * Waits until a transaction has reached a stage. What may pass, such as a restart, is waited out.
 *
 * Throws `RejectedError`, `late` at the end of the time, and `ApiError` for a refusal of the
 * question.
 */
export async function waitForStage(
  api: Api,
  id: string,
  goal: Stage,
  options: WaitOptions<TransactionStatus> = {},
): Promise<TransactionStatus> {
  const tell = onceEach(options.onStage);
  return until(`transaction ${id}`, options, async () => {
    const status = await api.transaction(id);
    tell(status.stage, status);
    if (isReached(goal, status.stage)) return { found: status };
    if (status.stage === "rejected") throw new RejectedError(id, status.error ?? undefined);
    return { last: status.stage };
  });
}

/** Waits until the deposit that an L1 transaction made has reached a stage. */
export async function waitForDeposit(
  api: Api,
  deposit: { owner: string; l1Transaction: string },
  goal: Stage,
  options: WaitOptions<MovementBody> = {},
): Promise<MovementBody> {
  const tell = onceEach(options.onStage);
  const search = new DepositSearch(api, deposit.owner, deposit.l1Transaction.toLowerCase());
  return until(`deposit ${deposit.l1Transaction}`, options, async () => {
    const movement = await search.next();
    if (movement === undefined) return { last: "received" };
    tell(movement.stage, movement);
    return isReached(goal, movement.stage) ? { found: movement } : { last: movement.stage };
  });
}

/** The sequencer's code for its refusal; nothing for an error of another kind. */
export function refusalCode(error: unknown): string | undefined {
  if (error instanceof ApiError) return error.code;
  return error instanceof RejectedError ? error.detail?.code : undefined;
}

/** Whether a refusal says that another transaction of the slot has the nonce, used or waiting. */
export function isCollision(error: unknown): boolean {
  const code = refusalCode(error);
  return code === "nonce_used" || code === "nonce_taken";
}

function onceEach<Seen>(onStage: ((seen: Seen) => void) | undefined) {
  let told: Stage | undefined;
  return (stage: Stage, seen: Seen) => {
    if (stage !== told) onStage?.(seen);
    told = stage;
  };
}

/** Searches an account for a deposit, and searches no block twice in vain. */
class DepositSearch {
  #searched = -1;

  constructor(
    readonly api: Api,
    readonly owner: string,
    readonly hash: string,
  ) {}

  async next(): Promise<MovementBody | undefined> {
    let newest: number | undefined;
    let before: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const place = before === undefined ? {} : { before };
      const body = await this.#page({ limit: PAGE_MOVEMENTS, ...place });
      const movements = body?.transactions ?? [];
      newest ??= movements[0]?.block;
      const found = movements.find(movement => movement.request?.l1_transaction === this.hash);
      if (found) return found;
      const isSearched = movements.some(({ block }) => block <= this.#searched);
      before = body?.next ?? undefined;
      if (isSearched || before === undefined) break;
    }
    this.#searched = newest ?? this.#searched;
    return undefined;
  }

  async #page(page: { limit: number; before?: string }) {
    try {
      return await this.api.history(this.owner, page);
    } catch (error) {
      // Older blocks are archived, and were final long ago.
      if (error instanceof ApiError && error.status === 410) return undefined;
      throw error;
    }
  }
}

/** Repeats a question about something until it finds something. */
async function until<Found>(
  what: string,
  options: { timeoutMs?: number; signal?: AbortSignal },
  question: () => Promise<{ found: Found } | { last: string }>,
): Promise<Found> {
  const { timeoutMs = WAIT_MS_MAX, signal } = options;
  const end = Date.now() + timeoutMs;
  for (;;) {
    let last: string;
    try {
      const answer = await question();
      if ("found" in answer) return answer.found;
      last = answer.last;
    } catch (error) {
      if (!mayPass(error)) throw error;
      last = error instanceof Error ? error.message : "no answer";
    }
    if (Date.now() >= end) {
      const waited = `waited for ${what} for ${timeoutMs / 1_000} s in vain`;
      throw new SheafError("late", `${waited}; the last answer: ${last}`);
    }
    await pause(PAUSE_MS, signal);
  }
}
