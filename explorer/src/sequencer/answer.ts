// Questions of components, asked again when what they depend on changes.

import { useEffect, useRef, useState } from "preact/hooks";

/** A question's answer so far. While it is asked again, the last answer stays. */
export interface Answer<T> {
  value?: T;
  error?: unknown;
  /** Asks at once. */
  again: () => void;
}

/** The pause before a question is asked again, in milliseconds; none if the answer stays. */
export type Pace<T> = number | ((answer: T | undefined) => number | undefined);

/**
 * Asks a question whenever `key` changes, and again at its pace while the page is visible.
 */
export function useAnswer<T>(question: () => Promise<T>, key: string, pace?: Pace<T>): Answer<T> {
  const [answer, setAnswer] = useState<{ key: string; value?: T; error?: unknown }>({ key });
  const asked = useRef(question);
  asked.current = question;
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isWanted = true;
    asked.current().then(
      value => isWanted && setAnswer({ key, value }),
      error =>
        isWanted &&
        setAnswer(last => ({
          key,
          error,
          ...(last.key === key && last.value !== undefined ? { value: last.value } : {}),
        })),
    );
    return () => {
      isWanted = false;
    };
  }, [key, round]);
  const everyMs = typeof pace === "function" ? pace(answer.value) : pace;
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(() => !document.hidden && setRound(round => round + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  const again = () => setRound(round => round + 1);
  return answer.key === key ? { ...answer, again } : { again };
}
