// What the wallet has asked L1 for and L2 does not have yet.

import { Amount } from "../parts/amount.tsx";
import { L1Link } from "../parts/links.tsx";
import { Panel } from "../parts/panel.tsx";
import { useAnswer } from "../sequencer/answer.ts";
import { sequencer } from "../sequencer/sequencer.ts";

/** The pause between two looks at the contract's queue. */
const ASK_MS = 3_000;

/** Requests of L1 that no block has yet. */
export function OnTheWay({ owner }: { owner: string }) {
  const { value } = useAnswer(() => sequencer.pendingRequests(), "pending", ASK_MS);
  const own = value?.requests.filter(request => request.owner === owner) ?? [];
  if (own.length === 0) return null;
  return (
    <Panel title="On its way from L1">
      <ul class="plain-list">
        {own.map(
          ({
            number,
            kind,
            amount,
            token,
            confirmations,
            confirmations_needed,
            l1_transaction,
          }) => (
            <li key={number}>
              {kind} {amount != null && <Amount amount={amount} token={token ?? 0} />}:{" "}
              <span class="number">
                {confirmations ?? "…"} of {confirmations_needed}
              </span>{" "}
              confirmations <L1Link text={l1_transaction} />
            </li>
          ),
        )}
      </ul>
    </Panel>
  );
}
