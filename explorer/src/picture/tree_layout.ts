// Where the proofs of a batch stand in their tree: leaves at the left, the wrap at the right.

import type { JobBody } from "sheaf-sdk";

/** The kinds of leaves, from above. */
const KINDS = ["signature", "entry", "data"] as const;
type Kind = (typeof KINDS)[number];

/** A join verifies up to three proofs. */
const JOIN_ARITY = 3;
const COLUMN = 130;
const MARGIN = 24;
/** A small tree is not blown up. */
const WIDTH_MIN = 820;
const ROW_MAX = 34;
const ROW_MIN = 9;
/** The height that many leaves share. */
const HEIGHT = 420;
const KIND_GAP = 10;

/** A job with its place. */
export interface PlacedJob extends JobBody {
  x: number;
  y: number;
}

/** A drawing of a tree. */
export interface Tree {
  width: number;
  height: number;
  radius: number;
  jobs: PlacedJob[];
  edges: { from: PlacedJob; to: PlacedJob }[];
}

interface Step {
  kind: Kind | "batch" | "wrap";
  /** 0 of a leaf, 1 of a join of leaves. */
  level: number;
  index: number;
}

/** Reads the name of a step; nothing for one that this page does not know. */
export function stepOf(name: string): Step | undefined {
  if (name === "batch" || name === "wrap") return { kind: name, level: 0, index: 0 };
  const [, join, kind, level, index] =
    /^(?:(join)-)?(entry|signature|data)-(?:(\d+)-)?(\d+)$/.exec(name) ?? [];
  if (kind === undefined || (join === undefined) !== (level === undefined)) return undefined;
  return {
    kind: kind as Kind,
    level: join === undefined ? 0 : Number(level) + 1,
    index: Number(index),
  };
}

/** Places the jobs of a batch. Jobs with steps that this page does not know are left out. */
export function treeOf(jobs: readonly JobBody[]): Tree {
  const known = jobs.flatMap(job => {
    const step = stepOf(job.step);
    return step === undefined ? [] : [{ job, step }];
  });
  const of = (kind: Step["kind"], level = 0) =>
    known
      .filter(({ step }) => step.kind === kind && step.level === level)
      .sort((one, other) => one.step.index - other.step.index)
      .map(({ job }) => job);
  const leaves = KINDS.reduce((sum, kind) => sum + of(kind).length, 0);
  const row = Math.min(ROW_MAX, Math.max(ROW_MIN, HEIGHT / Math.max(1, leaves)));
  const placed: PlacedJob[] = [];
  const edges: Tree["edges"] = [];
  const tops: PlacedJob[] = [];
  let [y, columns] = [MARGIN, 1];
  for (const kind of KINDS) {
    let below = of(kind).map((job, index) => ({ ...job, x: MARGIN, y: y + index * row }));
    if (below.length === 0) continue;
    placed.push(...below);
    y += below.length * row + KIND_GAP;
    for (let level = 1; of(kind, level).length > 0; level += 1) {
      const joins = of(kind, level).map((job, index) => {
        const children = below.slice(index * JOIN_ARITY, (index + 1) * JOIN_ARITY);
        return placeAfter(job, children, { x: MARGIN + level * COLUMN, edges });
      });
      placed.push(...joins);
      columns = Math.max(columns, level + 1);
      below = joins;
    }
    tops.push(...below);
  }
  for (const kind of ["batch", "wrap"] as const) {
    const [job] = of(kind);
    if (job === undefined) continue;
    const x = MARGIN + (placed.length === 0 ? 0 : columns * COLUMN);
    const only = placeAfter(job, kind === "batch" ? tops : placed.slice(-1), { x, edges });
    placed.push(only);
    columns += 1;
  }
  const right = Math.max(...placed.map(({ x }) => x), 0) + 2 * MARGIN + COLUMN / 2;
  const width = Math.max(right, WIDTH_MIN);
  return {
    width,
    height: Math.max(y, 2 * MARGIN),
    radius: Math.min(9, row / 2 - 1),
    jobs: placed,
    edges,
  };
}

/** Places a job behind the jobs whose proofs it needs, in the middle of them. */
function placeAfter(
  job: JobBody,
  needed: readonly PlacedJob[],
  { x, edges }: { x: number; edges: Tree["edges"] },
): PlacedJob {
  const y = needed.length === 0 ? MARGIN : sum(needed.map(each => each.y)) / needed.length;
  const to = { ...job, x, y };
  edges.push(...needed.map(from => ({ from, to })));
  return to;
}

const sum = (list: readonly number[]): number => list.reduce((all, each) => all + each, 0);
