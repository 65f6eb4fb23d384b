// What an L1 transaction did to the rollup.

import { BatchLink, Digits } from "../parts/links.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import type { L1TransactionBody } from "../sequencer/bodies.ts";
import { isMissingRoute, isNotFound, sequencer } from "../sequencer/sequencer.ts";

/** Batches of a page, and pages that are read where the sequencer cannot search. */
const ROWS = 100;
const PAGES_MAX = 10;

async function find(hash: string): Promise<L1TransactionBody> {
  try {
    return await sequencer.l1Transaction(hash);
  } catch (error) {
    if (isNotFound(error)) return { l1_transaction: hash };
    if (!isMissingRoute(error)) throw error;
  }
  let before: number | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const place = before === undefined ? {} : { before };
    const { batches } = await sequencer.batches({ limit: ROWS, ...place });
    const found = batches.find(({ l1_transaction }) => l1_transaction === hash);
    if (found !== undefined) return { l1_transaction: hash, batch: found.number };
    before = batches.at(-1)?.number;
    if (batches.length < ROWS) break;
  }
  return { l1_transaction: hash };
}

export function L1Page({ hash }: { hash: string }) {
  const answer = useAnswer(() => find(hash), hash);
  return (
    <>
      <div class="title">
        <h1>L1 transaction</h1>
        <Digits text={hash} />
      </div>
      <Panel title="What it did here">
        <Answered answer={answer}>
          {({ batch, requests = [] }) => (
            <>
              {batch != null && (
                <p>
                  It brought <BatchLink number={batch} /> to L1.
                </p>
              )}
              {requests.length > 0 && <p>It made the requests {requests.join(", ")}.</p>}
              {batch == null && requests.length === 0 && (
                <p>
                  The sequencer knows no transaction of this id, and none of the newest{" "}
                  {ROWS * PAGES_MAX} batches came to L1 with this hash.
                </p>
              )}
            </>
          )}
        </Answered>
      </Panel>
    </>
  );
}
