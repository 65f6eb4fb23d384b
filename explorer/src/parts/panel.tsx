// Panels, facts and notices.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Answer } from "../sequencer/answer.ts";
import { faultText } from "../text/fault.ts";

interface PanelProps {
  title: string;
  /** What stands beside the title. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}

/** A part of a page with a title. */
export function Panel({ title, aside, children }: PanelProps) {
  const id = useId();
  return (
    <section class="panel" aria-labelledby={id}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A name and what it is. */
export function Fact({
  name,
  wide,
  children,
}: {
  name: string;
  wide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={wide ? "wide" : ""}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Something that went wrong, said at once to those who hear the page. */
export const Fault = ({ error }: { error: unknown }) => (
  <p class="notice bad" role="alert">
    {faultText(error)}
  </p>
);

interface AnsweredProps<T> {
  answer: Answer<T>;
  children: (value: T) => ComponentChildren;
}

/** What an answer says, once it is there; else why not. */
export function Answered<T>({ answer, children }: AnsweredProps<T>) {
  return (
    <>
      {answer.error !== undefined && <Fault error={answer.error} />}
      {answer.value !== undefined && children(answer.value)}
      {answer.value === undefined && answer.error === undefined && <p class="faint">Asking…</p>}
    </>
  );
}
