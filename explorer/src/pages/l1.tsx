// The batch that an L1 transaction brought.

import { BatchLink, Digits } from "../parts/links.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { sequencer } from "../sequencer/sequencer.ts";

/** Batches of a page, and pages that are read: the sequencer does not search. */
const ROWS = 100;
const PAGES_MAX = 10;

/** The batch, if it is among the newest. */
async function find(hash: string): Promise<{ batch?: number }> {
  let before: number | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const place = before === undefined ? {} : { before };
    const { batches } = await sequencer.batches({ limit: ROWS, ...place });
    const found = batches.find(({ l1_transaction }) => l1_transaction === hash);
    if (found !== undefined) return { batch: found.number };
    before = batches.at(-1)?.number;
    if (batches.length < ROWS) break;
  }
  return {};
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
          {({ batch }) =>
            batch === undefined ? (
              <p>
                The sequencer knows no transaction of this id, and none of the newest{" "}
                {ROWS * PAGES_MAX} batches came to L1 with this hash.
              </p>
            ) : (
              <p>
                It brought <BatchLink number={batch} /> to L1.
              </p>
            )
          }
        </Answered>
      </Panel>
    </>
  );
}
