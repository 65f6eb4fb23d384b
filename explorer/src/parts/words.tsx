// Published words, each with what it says.

import { useState } from "preact/hooks";
import {
  type DataWord,
  type DataWordBody,
  type L1Effect,
  type L1WordsBody,
  ownerToText,
} from "sheaf-sdk";
import { useAnswer } from "../sequencer/answer.ts";
import { isMissingRoute, sequencer } from "../sequencer/sequencer.ts";
import { Digits, OwnerLink, SlotLink } from "./links.tsx";
import { Paging } from "./paging.tsx";
import { Answered, Panel } from "./panel.tsx";
import { Table } from "./table.tsx";

/** Words of a page. */
const PAGE_WORDS = 256;

/** A word or a pair of L1 words, if it is given; what it says stands beside it. */
type Word = Pick<DataWordBody, "index"> &
  Partial<Pick<DataWordBody, "word"> & Pick<L1WordsBody, "a" | "b">>;

/** Fields of a word that are not its meaning. */
const PLACE = ["index", "word", "a", "b"];

/** What a word says: the names of the protocol with their values. */
function Meaning({ word }: { word: Word }) {
  // Most entries have no fee.
  const said = Object.entries<unknown>(word).filter(
    ([name, value]) => !PLACE.includes(name) && value != null && !(name === "fee" && value === 0n),
  );
  return (
    <>
      {said.map(([name, value]) => (
        <span key={name}>
          {name === "kind" ? (
            <strong>{String(value)}</strong>
          ) : (
            <Named name={name} value={value} />
          )}{" "}
        </span>
      ))}
    </>
  );
}

function Named({ name, value }: { name: string; value: unknown }) {
  if (name === "slot") return <SlotLink slot={Number(value)} />;
  if (name === "owner") return <OwnerLink text={String(value)} />;
  const text = String(value);
  return (
    <>
      {name} {text.length > 24 ? <Digits text={text} /> : <span class="number">{text}</span>}
    </>
  );
}

/** Words with their meaning; with the words themselves, if they are given. */
export function WordTable({ caption, words }: { caption: string; words: readonly Word[] }) {
  const isGiven = words.some(({ word, a }) => word !== undefined || a !== undefined);
  return (
    <Table
      caption={caption}
      columns={[
        { title: "Place", isNumber: true },
        { title: "Says" },
        ...(isGiven ? [{ title: "Word" }] : []),
      ]}
      rows={words}
      keyOf={({ index }) => index}
      cells={word => [
        word.index,
        <Meaning key="says" word={word} />,
        ...(isGiven ? [<Given key="word" word={word} />] : []),
      ]}
      empty="No words."
    />
  );
}

const Given = ({ word: { word, a, b } }: { word: Word }) => (
  <span>
    {[word, a, b].flatMap(text =>
      text === undefined ? [] : [<Digits key={text} text={text} />, " "],
    )}
  </span>
);

/** The words of a batch as the sequencer says them. */
export function BatchWords({ batch }: { batch: number }) {
  const [after, setAfter] = useState<number>();
  const page = { limit: PAGE_WORDS, ...(after === undefined ? {} : { after }) };
  const question = () => sequencer.words(batch, page);
  const answer = useAnswer(question, `${batch} ${after}`);
  if (isMissingRoute(answer.error)) {
    return (
      <Panel title="Words">
        <p class="faint">
          This sequencer is older than the page and does not list words. The check above reads them
          from L1 and lists them.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Words">
      <p class="small faint">
        Data words rebuild every balance; L1 words are what the contract does. These are the
        sequencer's; the check above compares them with L1's.
      </p>
      <Answered answer={answer}>
        {({ data_words, l1_words, next }) => (
          <>
            <WordTable caption="Data words" words={data_words} />
            {l1_words.length > 0 && <h3>L1 words</h3>}
            {l1_words.length > 0 && <WordTable caption="L1 words" words={l1_words} />}
            <Paging way="forward" place={after} next={next} go={setAfter} />
          </>
        )}
      </Answered>
    </Panel>
  );
}

/** What a checked batch's word or effect says, with the names of the protocol. */
export const saidBy = (of: DataWord | L1Effect, index: number): Word => ({
  index,
  ...of,
  ...("owner" in of ? { owner: ownerToText(of.owner) } : {}),
});
