// A part of the page that is loaded when it is first shown.

import type { ComponentType } from "preact";
import { useAnswer } from "../sequencer/answer.ts";
import { Answered } from "./panel.tsx";

interface LaterProps<Props> {
  load: () => Promise<ComponentType<Props>>;
  /** What distinguishes one part from another. */
  name: string;
  props: Props;
}

export function Later<Props extends object>({ load, name, props }: LaterProps<Props>) {
  const answer = useAnswer(load, name);
  return <Answered answer={answer}>{Part => <Part {...props} />}</Answered>;
}
