// The stages of a batch or a transaction, with the time of each.

import type { BatchBody } from "sheaf-sdk";
import { dateText, durationText } from "../text/time.ts";

/** A stage, and when it was reached; no time if that is not known. */
export interface Milestone {
  stage: string;
  isReached: boolean;
  ms?: number | null | undefined;
}

/** The milestones of a batch from sealing on, or what is to come where there is no batch yet. */
export function milestonesOf(batch: BatchBody | undefined): Milestone[] {
  const order = ["sealed", "proven", "submitted", "finalised"] as const;
  const reached = batch === undefined ? -1 : order.indexOf(batch.state);
  const times = [batch?.sealed_ms, batch?.proven_ms, batch?.submitted_ms, batch?.finalised_ms];
  return order.map((stage, index) => ({ stage, isReached: index <= reached, ms: times[index] }));
}

export function Timeline({ milestones }: { milestones: readonly Milestone[] }) {
  return (
    <ol class="timeline">
      {milestones.map(({ stage, isReached, ms }, index) => {
        const before = milestones.slice(0, index).findLast(each => each.ms != null)?.ms;
        return (
          <li key={stage} class={`stage-${stage} ${isReached ? "reached" : ""}`}>
            <strong>{stage}</strong>
            <span class="hidden">{isReached ? ", reached" : ", not yet"}</span>
            {ms != null && <div class="small number">{dateText(ms)}</div>}
            {ms != null && before != null && (
              <div class="small faint number">after {durationText(ms - before)}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
