// The batch that an L1 transaction brought.

import { BatchLink, Digits } from "../parts/links.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { isNotFound, sequencer } from "../sequencer/sequencer.ts";

async function find(hash: string): Promise<{ batch?: number }> {
  try {
    return { batch: (await sequencer.batchOfL1Transaction(hash)).number };
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
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
              <p>The sequencer knows no transaction of this id and sent no batch with this hash.</p>
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
