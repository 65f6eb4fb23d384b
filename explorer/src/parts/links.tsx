// Names that lead to pages, and the stage of a thing.

import { useState } from "preact/hooks";
import type { BatchBody, Stage } from "sheaf-sdk";

/** Characters that stay at both ends of a long text. */
const ENDS = 8;
/** How long a copied text is said to be copied. */
const COPIED_MS = 2_000;

/** A long text with its middle left out. */
export const shortened = (text: string): string =>
  text.length <= 2 * ENDS + 3 ? text : `${text.slice(0, ENDS + 2)}…${text.slice(-ENDS)}`;

interface Long {
  text: string;
  whole?: boolean;
}

const shown = ({ text, whole }: Long): string => (whole ? text : shortened(text));

export const OwnerLink = (long: Long) => (
  <a class="digits" href={`/account/${long.text}`} title={long.text}>
    {shown(long)}
  </a>
);

export const TransactionLink = (long: Long) => (
  <a class="digits" href={`/transaction/${long.text}`} title={long.text}>
    {shown(long)}
  </a>
);

export const BatchLink = ({ number }: { number: number }) => (
  <a class="number" href={`/batch/${number}`}>
    batch {number}
  </a>
);

export const BlockLink = ({ number }: { number: number }) => (
  <a class="number" href={`/block/${number}`}>
    block {number}
  </a>
);

export const SlotLink = ({ slot }: { slot: number }) => (
  <a class="number" href={`/slot/${slot}`}>
    slot {slot}
  </a>
);

export const L1Link = (long: Long) => (
  <a class="digits" href={`/l1/${long.text}`} title={long.text}>
    {shown(long)}
  </a>
);

/** A hash or another text that leads nowhere. */
export const Digits = (long: Long) => (
  <span class="digits" title={long.text}>
    {shown(long)}
  </span>
);

/** Copies a text. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <button type="button" class="copy" onClick={() => void copy().catch(() => undefined)}>
      {isCopied ? "copied" : "copy"}
      <span class="hidden"> {what}</span>
    </button>
  );
}

/** The stage that something has reached, by colour and by word. */
export const StageBadge = ({ stage }: { stage: Stage | BatchBody["state"] | string }) => (
  <span class={`badge stage-${stage}`}>{stage}</span>
);
