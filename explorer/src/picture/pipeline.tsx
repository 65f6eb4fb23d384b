// The way of batches to L1: a capsule a batch, which moves from station to station.

import type { BatchBody } from "sheaf-sdk";
import { useMedia } from "../parts/now.ts";
import { durationText } from "../text/time.ts";

const STATIONS = ["open", "sealed", "proven", "submitted", "finalised"] as const;
type Station = (typeof STATIONS)[number];

const NOTES: Record<Station, string> = {
  open: "takes blocks",
  sealed: "being proven",
  proven: "waits for L1",
  submitted: "sent to L1",
  finalised: "verified by L1",
};

/** Capsules of a station that are drawn; a station says how many more there are. */
const SHOWN_MAX = 4;
const CAPSULE = { width: 128, height: 40 };

/** A capsule: a batch, or the one that is still open. */
interface Capsule {
  number: number;
  station: Station;
  /** How long it took, or takes. */
  note: string;
}

/** Where things are, in the units of the drawing. */
interface Layout {
  width: number;
  /** The height with so many capsules in the fullest station. */
  height: (fullest: number) => number;
  station: (index: number) => { x: number; y: number };
  capsule: (station: number, place: number) => { x: number; y: number };
  shown: number;
}

const WIDE: Layout = {
  width: 960,
  height: fullest => 90 + 48 * Math.min(Math.max(fullest, 1), SHOWN_MAX + 0.7),
  station: index => ({ x: 96 + index * 192, y: 30 }),
  capsule: (station, place) => ({ x: 96 + station * 192, y: 114 + place * 48 }),
  shown: SHOWN_MAX,
};

const NARROW: Layout = {
  width: 360,
  height: () => 590,
  station: index => ({ x: 22, y: 28 + index * 118 }),
  capsule: (station, place) => ({ x: 112 + place * 144, y: 86 + station * 118 }),
  shown: 2,
};

interface PipelineProps {
  batches: readonly BatchBody[];
  open: number | undefined;
  now: number;
}

export function Pipeline({ batches, open, now }: PipelineProps) {
  const isNarrow = useMedia("(max-width: 44rem)");
  const layout = isNarrow ? NARROW : WIDE;
  const capsules = capsulesOf(batches, open, now);
  const [first, last] = [layout.station(0), layout.station(STATIONS.length - 1)];
  const counts = STATIONS.map(station => capsules.filter(each => each.station === station).length);
  const said = STATIONS.map((station, index) => `${counts[index]} ${station}`);
  return (
    <svg
      class="picture pipeline"
      viewBox={`0 0 ${layout.width} ${layout.height(Math.max(...counts))}`}
    >
      <title>{`The way of batches to L1: ${said.join(", ")}`}</title>
      <path class="track" d={`M${first.x} ${first.y}L${last.x} ${last.y}`} />
      {STATIONS.map((station, index) => (
        <StationMark key={station} name={station} at={layout.station(index)} isNarrow={isNarrow} />
      ))}
      {STATIONS.flatMap((station, index) => {
        const here = capsules.filter(each => each.station === station);
        const shown = here.slice(0, layout.shown);
        const more = here.length - shown.length;
        return [
          ...shown.map((capsule, place) => (
            <CapsuleMark key={capsule.number} capsule={capsule} at={layout.capsule(index, place)} />
          )),
          more > 0 && <More key={station} count={more} at={moreAt(layout, index, isNarrow)} />,
        ];
      })}
    </svg>
  );
}

/** Beside the name of a station, or under its capsules. */
const moreAt = (layout: Layout, station: number, isNarrow: boolean): Point => {
  const { x, y } = layout.capsule(station, layout.shown - 1);
  return isNarrow ? { x: x + 52, y: layout.station(station).y + 5 } : { x, y: y + 40 };
};

interface Point {
  x: number;
  y: number;
}

function StationMark({ name, at, isNarrow }: { name: Station; at: Point; isNarrow: boolean }) {
  const [x, y] = isNarrow ? [at.x + 22, at.y + 5] : [at.x, at.y + 32];
  const anchor = isNarrow ? "start" : "middle";
  return (
    <g class={`stage-${name}`}>
      <circle class="station" cx={at.x} cy={at.y} r="11" />
      <text class="label" x={x} y={y} text-anchor={anchor}>
        {name}
      </text>
      <text class="note" x={isNarrow ? x + 98 : x} y={isNarrow ? y : y + 18} text-anchor={anchor}>
        {NOTES[name]}
      </text>
    </g>
  );
}

function CapsuleMark({ capsule: { number, station, note }, at }: { capsule: Capsule; at: Point }) {
  const { width, height } = CAPSULE;
  const place = { transform: `translate(${at.x}px, ${at.y}px)` };
  const drawn = (
    <>
      <rect x={-width / 2} y={-height / 2} width={width} height={height} rx={height / 2} />
      <text y="-1" text-anchor="middle">
        batch {number}
      </text>
      <text class="note" y="14" text-anchor="middle">
        {note}
      </text>
    </>
  );
  return (
    <g class={`capsule stage-${station} ${station}`} style={place}>
      {station === "open" ? drawn : <a href={`/batch/${number}`}>{drawn}</a>}
    </g>
  );
}

const More = ({ count, at }: { count: number; at: Point }) => (
  <text class="note" x={at.x} y={at.y} text-anchor="middle">
    and {count} more
  </text>
);

function capsulesOf(
  batches: readonly BatchBody[],
  open: number | undefined,
  now: number,
): Capsule[] {
  const sealed = batches.map(batch => ({
    number: batch.number,
    station: batch.state,
    note: noteOf(batch, now),
  }));
  return open === undefined
    ? sealed
    : [{ number: open, station: "open", note: "open" }, ...sealed.filter(b => b.number !== open)];
}

/** How long a batch has been at its station; of a final batch, how long it took in all. */
function noteOf(batch: BatchBody, now: number): string {
  const { state, sealed_ms, proven_ms, submitted_ms, finalised_ms } = batch;
  if (state === "finalised") {
    return finalised_ms == null ? "final" : `in ${durationText(finalised_ms - sealed_ms)}`;
  }
  const since = { sealed: sealed_ms, proven: proven_ms, submitted: submitted_ms }[state];
  return durationText(now - (since ?? sealed_ms));
}
