// A block.

import { BatchLink } from "../parts/links.tsx";
import { Answered, Fact, Panel } from "../parts/panel.tsx";
import { Transactions } from "../parts/transactions.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { sequencer } from "../sequencer/sequencer.ts";
import { dateText } from "../text/time.ts";

/** Why a block is the last of its batch. */
const CLOSES: Record<string, string> = {
  size: "yes: the batch was full",
  age: "yes: the batch was old enough",
  request: "yes: the operator asked for it",
};

export function BlockPage({ number }: { number: number }) {
  const answer = useAnswer(() => sequencer.block(number), `${number}`);
  return (
    <>
      <h1>Block {number}</h1>
      <Panel title="What it is">
        <Answered answer={answer}>
          {block => (
            <dl class="facts">
              <Fact name="Executed">{dateText(block.executed_ms)}</Fact>
              <Fact name="Batch">
                <BatchLink number={block.batch} />
              </Fact>
              <Fact name="Transactions">{block.transactions}</Fact>
              <Fact name="Requests of L1">{block.requests}</Fact>
              <Fact name="Last of its batch">
                {block.closes == null ? "no" : (CLOSES[block.closes] ?? block.closes)}
              </Fact>
            </dl>
          )}
        </Answered>
        <div class="acts">
          {number > 1 && <a href={`/block/${number - 1}`}>The block before</a>}
          <a href={`/block/${number + 1}`}>The block after</a>
        </div>
      </Panel>
      <Transactions of="blocks" number={number} />
    </>
  );
}
