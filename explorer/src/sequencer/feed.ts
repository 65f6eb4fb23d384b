// What happens now: blocks and batches as the sequencer's events tell, and the proofs at work.

import { useEffect, useState } from "preact/hooks";
import {
  type Api,
  type BatchBody,
  type BlockBody,
  type JobBody,
  pause,
  type StatusBody,
  type StreamedEvent,
} from "sheaf-sdk";
import { isMissingRoute, sequencer } from "./sequencer.ts";

/** Blocks and batches that are kept: so many batches may wait for L1 before a final one. */
const BLOCKS_MAX = 10;
const BATCHES_MAX = 64;
/** Blocks that are asked for at first, for the rate: a page of them. */
const BLOCKS_LOADED = 100;
/** Seconds over which the rate is shown. */
export const RATE_SECONDS = 60;
/** The pause between two looks at what no event tells: queues, jobs, the open batch. */
const LOOK_MS = 1_000;
/** The pause before a stream of events that ended for good is asked for again. */
const RESTART_MS = 5_000;

/** Transactions of a second. */
export interface Second {
  second: number;
  transactions: number;
}

/** What is known now. */
export interface Feed {
  connection: "connecting" | "live" | "lost";
  status?: StatusBody;
  /** The newest first. */
  blocks: BlockBody[];
  /** The newest first. */
  batches: BatchBody[];
  seconds: Second[];
  /** The batch whose proof tree is shown, with its jobs; no jobs from an older sequencer. */
  tree?: { batch: number; jobs?: JobBody[] };
}

type Listener = (feed: Feed) => void;

/** Follows one sequencer while anybody listens. */
export class Follower {
  feed: Feed = { connection: "connecting", blocks: [], batches: [], seconds: [] };
  readonly #api: Api;
  readonly #listeners = new Set<Listener>();
  #end: AbortController | undefined;
  /** Whether the sequencer lists jobs; an older one does not, and is asked once. */
  #listsJobs = true;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Tells of every change, until the answer is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#end === undefined) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#end?.abort();
      this.#end = undefined;
    };
  }

  #start(): void {
    const end = new AbortController();
    this.#end = end;
    void this.#follow(end.signal);
    void this.#look(end.signal);
  }

  #change(part: Partial<Feed>): void {
    this.feed = { ...this.feed, ...part };
    for (const listener of this.#listeners) listener(this.feed);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    // What the stream no longer tells has happened before, so that the first look comes after it.
    const options = { signal, onConnected: () => this.#load() };
    while (!signal.aborted) {
      try {
        for await (const event of this.#api.events(options)) await this.#take(event);
      } catch {
        this.#change({ connection: "lost" });
      }
      await pause(RESTART_MS, signal).catch(() => undefined);
    }
  }

  async #load(): Promise<void> {
    const [{ batches }, { blocks }] = await Promise.all([
      this.#api.batches({ limit: BATCHES_MAX }),
      this.#api.blocks({ limit: BLOCKS_LOADED }).catch(missing(this.feed)),
    ]);
    // The oldest first, as events tell of them.
    const seconds = [...blocks].reverse().reduce(counted, []);
    const newest = blocks.slice(0, BLOCKS_MAX);
    this.#change({ connection: "live", batches, blocks: newest, seconds });
  }

  async #take(event: StreamedEvent): Promise<void> {
    if (event.event === "lost") return this.#load();
    if (event.event === "block") {
      const { event: _, id: __, ...block } = event;
      const { blocks, seconds } = this.feed;
      // A look at the blocks may be ahead of the stream.
      if (block.number <= (blocks[0]?.number ?? 0)) return;
      this.#change({
        connection: "live",
        blocks: [block, ...blocks].slice(0, BLOCKS_MAX),
        seconds: counted(seconds, block),
      });
      return;
    }
    const batch = await this.#api.batch(event.number);
    const others = this.feed.batches.filter(({ number }) => number !== batch.number);
    const batches = [batch, ...others].sort((a, b) => b.number - a.number).slice(0, BATCHES_MAX);
    this.#change({ connection: "live", batches });
  }

  /** Looks at what no event tells, as long as the page is visible. */
  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!document.hidden) await this.#lookOnce().catch(() => undefined);
      await pause(LOOK_MS, signal).catch(() => undefined);
    }
  }

  async #lookOnce(): Promise<void> {
    const status = await this.#api.status();
    this.#change({ status });
    const batch = batchAtWork(this.feed.batches);
    if (batch === undefined) return;
    const tree = this.#listsJobs
      ? await this.#api.jobs(batch).catch(missing(undefined))
      : undefined;
    this.#listsJobs = tree !== undefined;
    this.#change({ tree: tree ?? { batch } });
  }
}

/** The oldest batch that is being proven, or else the newest. */
export function batchAtWork(batches: readonly BatchBody[]): number | undefined {
  const sealed = batches.filter(({ state }) => state === "sealed");
  return (sealed.at(-1) ?? batches[0])?.number;
}

/** Adds a block to the seconds, and forgets those that are too old. */
export function counted(seconds: readonly Second[], block: BlockBody): Second[] {
  const second = Math.floor(block.executed_ms / 1_000);
  const { transactions } = block;
  const oldest = second - RATE_SECONDS;
  const kept = seconds.filter(each => each.second > oldest);
  const found = kept.find(each => each.second === second);
  return found === undefined
    ? [...kept, { second, transactions }]
    : kept.map(each =>
        each === found ? { second, transactions: each.transactions + transactions } : each,
      );
}

/** Transactions a second over the last `window` whole seconds before `second`. */
export function rateOf(seconds: readonly Second[], second: number, window: number): number {
  const inside = seconds.filter(each => each.second >= second - window && each.second < second);
  return inside.reduce((sum, { transactions }) => sum + transactions, 0) / window;
}

/** An older sequencer has not every route: the page shows what there is. */
function missing<T>(instead: T): (error: unknown) => T {
  return error => {
    if (isMissingRoute(error)) return instead;
    throw error;
  };
}

const follower = new Follower(sequencer);

/** What happens now; the component is drawn again at every change. */
export function useFeed(): Feed {
  const [feed, setFeed] = useState(follower.feed);
  useEffect(() => follower.listen(setFeed), []);
  return feed;
}
