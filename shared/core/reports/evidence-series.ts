import type { RolloutLook } from '../deployment/index.ts';
import type { JudgeMetric, JudgePlan, JudgeRow } from '../judging/index.ts';

/** The confidence sequence of one metric in one slice, as the looks at a rollout saw it. */
export interface EvidenceSeries {
  readonly metric: string;
  readonly slice: string;
  readonly kind: JudgeMetric['kind'];
  readonly harm: JudgeMetric['harm'];
  readonly margin?: number;
  /** Above this it is worse; absent for 0. */
  readonly tolerated?: number;
  /** Oldest first. Of very many looks a part, evenly; first, last and the deciding one are always there. */
  readonly points: readonly EvidencePoint[];
  /** Of which the points are a part. */
  readonly lookCount: number;
  /** The first look at which it was shown to be worse or, failing that, not to be worse by the margin. */
  readonly shown?: { readonly what: 'worse' | 'not worse'; readonly lookIndex: number; readonly throughMs: number };
  /** At the last look. */
  readonly last: JudgeRow;
}

export interface EvidencePoint {
  readonly throughMs: number;
  readonly estimate?: number;
  readonly lower: number;
  readonly upper: number;
}

const MOST_POINTS = 160;

/** Positions of at most so many of `count`, the named ones among them. */
const positionsOf = (count: number, kept: readonly number[]): ReadonlySet<number> => {
  const step = Math.max(1, (count - 1) / (MOST_POINTS - 1));
  const positions = new Set(kept);
  for (let at = 0; at <= count - 1; at += step) positions.add(Math.round(at));
  if (count > 0) positions.add(count - 1);
  return positions;
};

interface SeenRow {
  readonly look: RolloutLook;
  readonly row: JudgeRow;
}

const isCleared = ({ eValuePromote }: JudgeRow, alphaPromote: number): boolean => eValuePromote >= 1 / alphaPromote;

const shownBy = (seen: readonly SeenRow[], alphaPromote: number): number => {
  const worse = seen.findIndex(({ row }) => row.eValueAbort >= row.abortAt);
  return worse >= 0 ? worse : seen.findIndex(({ row }) => isCleared(row, alphaPromote));
};

const seriesOf = (seen: readonly SeenRow[], plan: JudgePlan): readonly EvidenceSeries[] => {
  const last = seen.at(-1)?.row;
  if (last === undefined) return [];
  const metric = plan.metrics.find(({ name }) => name === last.metric);
  const decided = shownBy(seen, plan.alphaPromote);
  const positions = positionsOf(seen.length, decided < 0 ? [] : [decided]);
  const points = seen.flatMap(({ look, row }, at): readonly EvidencePoint[] => {
    const { lower, upper, estimate } = row;
    if (!positions.has(at)) return [];
    return [{ throughMs: look.throughMs, lower, upper, ...(estimate === undefined ? {} : { estimate }) }];
  });
  const shown = seen[decided];
  return [
    {
      metric: last.metric,
      slice: last.slice,
      kind: metric?.kind ?? 'mean',
      harm: metric?.harm ?? 'increase',
      ...(metric === undefined ? {} : { margin: metric.margin }),
      ...(metric?.tolerated === undefined || metric.tolerated === 0 ? {} : { tolerated: metric.tolerated }),
      points,
      lookCount: seen.length,
      ...(shown === undefined
        ? {}
        : {
            shown: {
              what: shown.row.eValueAbort >= shown.row.abortAt ? 'worse' : 'not worse',
              lookIndex: shown.look.index,
              throughMs: shown.look.throughMs,
            },
          }),
      last,
    },
  ];
};

/** By metric, then by slice, as the newest look has them. */
export const evidenceSeries = (looks: readonly RolloutLook[], plan: JudgePlan): readonly EvidenceSeries[] => {
  const byCell = new Map<string, SeenRow[]>();
  for (const look of looks) {
    for (const row of look.rows) {
      const key = JSON.stringify([row.metric, row.slice]);
      const seen = byCell.get(key) ?? [];
      seen.push({ look, row });
      byCell.set(key, seen);
    }
  }
  return [...byCell.values()].flatMap((seen) => seriesOf(seen, plan));
};
