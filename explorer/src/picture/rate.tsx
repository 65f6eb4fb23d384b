// Transactions of each of the last seconds, as bars.

import { RATE_SECONDS, type Second } from "../sequencer/feed.ts";

const HEIGHT = 80;
const BAR = 10;
const GAP = 2;

export function RateBars({ seconds, now }: { seconds: readonly Second[]; now: number }) {
  const last = Math.floor(now / 1_000);
  const most = Math.max(1, ...seconds.map(({ transactions }) => transactions));
  const height = (transactions: number) => (transactions / most) * (HEIGHT - 4);
  return (
    <svg
      class="rate-bars"
      viewBox={`0 0 ${RATE_SECONDS * BAR} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`transactions of the last ${RATE_SECONDS} seconds, at most ${most} in one`}
    >
      <line x1="0" x2={RATE_SECONDS * BAR} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      {seconds
        .filter(({ second }) => second > last - RATE_SECONDS)
        .map(({ second, transactions }) => (
          <rect
            key={second}
            x={(RATE_SECONDS - 1 - (last - second)) * BAR + GAP / 2}
            y={HEIGHT - 1 - height(transactions)}
            width={BAR - GAP}
            height={height(transactions)}
          />
        ))}
    </svg>
  );
}
