// Times and durations for people.

const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A duration: two digits are enough. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** How long ago something was. */
export const agoText = (ms: number, now: number): string => `${durationText(now - ms)} ago`;

/** A time of today. */
export const clockText = (ms: number): string => CLOCK.format(ms);

/** A time of any day. */
export const dateText = (ms: number): string => DATE.format(ms);
