// What the live page knows, with a made-up sequencer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Api, type BlockBody, type EventsOptions, pause, type StreamedEvent } from "sheaf-sdk";
import { Follower } from "../src/sequencer/feed.ts";

const TRANSACTIONS = 3;

const block = (number: number): BlockBody => ({
  number,
  batch: 1,
  transactions: TRANSACTIONS,
  requests: 0,
  executed_ms: 1_000_000,
  closes: null,
});

/** A sequencer that makes blocks 6 and 7 while the stream is being connected. */
class Busy {
  newest = 5;
  asked = 0;

  async blocks() {
    this.asked += 1;
    const { newest } = this;
    return { blocks: Array.from({ length: newest }, (_, index) => block(newest - index)) };
  }

  async batches() {
    return { batches: [] };
  }

  async *events({ signal, onConnected }: EventsOptions): AsyncGenerator<StreamedEvent> {
    this.newest = 7;
    await onConnected?.();
    // The look was ahead of the stream.
    yield { event: "block", ...block(7) };
    yield { event: "block", ...block(8) };
    await pause(1_000_000, signal);
  }
}

test("a block between first look and stream is shown, and each block counts once", async () => {
  Object.assign(globalThis, { document: { hidden: true } });
  const busy = new Busy();
  const follower = new Follower(busy as unknown as Api);
  await new Promise<void>(resolve => {
    const end = follower.listen(({ blocks }) => {
      if (blocks[0]?.number !== 8) return;
      end();
      resolve();
    });
  });
  const { blocks, seconds } = follower.feed;
  assert.deepEqual(
    blocks.map(({ number }) => number),
    [8, 7, 6, 5, 4, 3, 2, 1],
  );
  assert.deepEqual(seconds, [{ second: 1_000, transactions: 8 * TRANSACTIONS }]);
  assert.equal(busy.asked, 1);
});
