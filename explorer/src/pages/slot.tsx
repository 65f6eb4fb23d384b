// A slot: a leaf of the tree whose root L1 has.

import { Amount } from "../parts/amount.tsx";
import { BatchLink, Digits, OwnerLink } from "../parts/links.tsx";
import { Answered, Fact, Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { isNotFound, sequencer } from "../sequencer/sequencer.ts";

export function SlotPage({ slot }: { slot: number }) {
  const answer = useAnswer(() => sequencer.slot(slot), `${slot}`);
  const path = useAnswer(() => sequencer.slotPath(slot), `${slot}`);
  return (
    <>
      <h1>Slot {slot}</h1>
      <Panel title="After the newest block">
        <Answered answer={answer}>
          {({ owner, token, balance, nonce }) => (
            <dl class="facts">
              <Fact name="Owner">
                <OwnerLink text={owner} />
              </Fact>
              <Fact name="Balance">
                <Amount amount={balance} token={token} />
              </Fact>
              <Fact name="Transactions signed">{nonce}</Fact>
            </dl>
          )}
        </Answered>
      </Panel>
      <Panel title="After the newest final batch">
        {isNotFound(path.error) ? (
          <p class="faint">No final batch has opened this slot yet.</p>
        ) : (
          <Answered answer={path}>
            {({ token, balance, nonce, batch, root, siblings }) => (
              <>
                <dl class="facts">
                  <Fact name="Batch">
                    <BatchLink number={batch} />
                  </Fact>
                  <Fact name="Balance">
                    <Amount amount={balance} token={token} />
                  </Fact>
                  <Fact name="Transactions signed">{nonce}</Fact>
                  <Fact name="Root" wide>
                    <Digits text={root} whole />
                  </Fact>
                </dl>
                <details>
                  <summary>The path: {siblings.length} siblings, the leaf's own first</summary>
                  <ol class="small">
                    {siblings.map((sibling, height) => (
                      <li key={`${height} ${sibling}`}>
                        <Digits text={sibling} whole />
                      </li>
                    ))}
                  </ol>
                </details>
              </>
            )}
          </Answered>
        )}
      </Panel>
    </>
  );
}
