// Something that a button does, and what became of it.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Fault } from "./panel.tsx";

/** An act: at rest, at work, done or failed. */
export interface Act {
  isBusy: boolean;
  done?: ComponentChildren;
  error?: unknown;
  /** Does something, whose answer is what is said afterwards. */
  run: (deed: () => Promise<ComponentChildren>) => void;
}

export function useAct(): Act {
  const [state, setState] = useState<Omit<Act, "run">>({ isBusy: false });
  const run = (deed: () => Promise<ComponentChildren>) => {
    setState({ isBusy: true });
    deed().then(
      done => setState({ isBusy: false, done }),
      error => setState({ isBusy: false, error }),
    );
  };
  return { ...state, run };
}

/** What became of an act; `waiting` is said while it is at work. */
export const ActSaid = ({ act, waiting }: { act: Act; waiting: string }) => (
  <div role="status">
    {act.isBusy && <p class="notice">{waiting}</p>}
    {act.error !== undefined && <Fault error={act.error} />}
    {act.done !== undefined && <div class="notice good">{act.done}</div>}
  </div>
);
