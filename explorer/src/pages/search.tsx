// The search field: whatever names something in the rollup leads to its page.

import { useState } from "preact/hooks";
import { ownerFromText } from "sheaf-sdk";
import { go } from "../route.ts";
import { isMissingRoute, isNotFound, sequencer } from "../sequencer/sequencer.ts";
import { faultText } from "../text/fault.ts";

const HASH = /^(?:0x)?([0-9a-f]{64})$/i;
const NUMBERED = /^(batch|block|slot)?\s*#?(\d{1,15})$/i;

/** The address that a text names, as far as that is known without asking. */
export function addressOf(
  text: string,
): { address: string } | { hash: string } | { fault: string } {
  const wanted = text.trim();
  const [, digits] = HASH.exec(wanted) ?? [];
  if (digits !== undefined) return { hash: `0x${digits.toLowerCase()}` };
  const [, kind = "batch", number] = NUMBERED.exec(wanted) ?? [];
  if (number !== undefined) return { address: `/${kind.toLowerCase()}/${Number(number)}` };
  if (/^sheaf1/i.test(wanted)) {
    try {
      ownerFromText(wanted);
      return { address: `/account/${wanted.toLowerCase()}` };
    } catch (error) {
      return { fault: faultText(error) };
    }
  }
  const examples = "a batch's number, block 12, slot 3, sheaf1…, or the 0x… of a transaction";
  return { fault: `Nothing is named "${wanted}". Search for ${examples}.` };
}

/** Where a hash leads: to the transaction of this id, the batch that L1's brought, or L1's. */
async function addressOfHash(hash: string): Promise<string> {
  const [transaction, batch] = await Promise.all([
    sequencer.transaction(hash).catch(orNothing),
    sequencer.batchOfL1Transaction(hash).catch(orNothing),
  ]);
  if (transaction !== undefined) return `/transaction/${hash}`;
  return batch === undefined ? `/l1/${hash}` : `/batch/${batch.number}`;
}

function orNothing(error: unknown): undefined {
  if (!isNotFound(error) && !isMissingRoute(error)) throw error;
}

export function Search() {
  const [text, setText] = useState("");
  const [fault, setFault] = useState("");
  const search = async (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    const found = addressOf(text);
    if ("fault" in found) return setFault(found.fault);
    try {
      go("hash" in found ? await addressOfHash(found.hash) : found.address);
      setFault("");
      setText("");
    } catch (error) {
      setFault(faultText(error));
    }
  };
  return (
    <search class="search">
      <form class="search" onSubmit={event => void search(event)}>
        <input
          type="search"
          aria-label="Search for a transaction, owner, slot, batch, block or L1 hash"
          placeholder="id, owner, batch, slot, L1 hash"
          autocomplete="off"
          spellcheck={false}
          value={text}
          aria-invalid={fault !== ""}
          aria-describedby="search-fault"
          onInput={event => setText(event.currentTarget.value)}
        />
        <button type="submit">Search</button>
      </form>
      <p id="search-fault" role="alert" class={fault === "" ? "hidden" : "notice bad search-fault"}>
        {fault}
      </p>
    </search>
  );
}
