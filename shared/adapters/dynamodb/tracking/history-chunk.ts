import { createHash } from 'node:crypto';
import type { MetricPoint } from '../../../core/tracking/index.ts';
import { pointOfRow, rowOfPoint } from './run-document.ts';

/** Points of the history packed together. The same points give the same chunks, so writing them twice changes nothing. */
export interface HistoryChunk {
  readonly first: MetricPoint;
  readonly spanMs: number;
  /** Of points of one timestamp; 0 for others. */
  readonly stepSpan: number;
  /** Of its content. */
  readonly digest: string;
  readonly document: ChunkDocument;
}

export interface ChunkDocument {
  readonly points: readonly ReturnType<typeof rowOfPoint>[];
}

const CHUNK_POINTS = 250;
/** A chunk is not to bridge such a gap, because reading starts one longest span before the point that it goes on from. */
const GAP_MS = 60_000;
const MAX_GAPS = 10;
const DIGEST_LENGTH = 22;

/** NaN below every number. */
const compareValues = (a: number, b: number): number => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a - b;
};

/** The order of the history: by timestamp, step, value. */
export const comparePoints = (a: MetricPoint, b: MetricPoint): number =>
  a.timestampMs - b.timestampMs || a.step - b.step || compareValues(a.value, b.value);

const compareKeys = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

const compareAcrossKeys = (a: MetricPoint, b: MetricPoint): number => comparePoints(a, b) || compareKeys(a.key, b.key);

/** Where new chunks begin: behind the largest gaps and after 250 points. */
const cutsOf = (points: readonly MetricPoint[]): ReadonlySet<number> => {
  const gapBefore = (index: number): number =>
    (points[index]?.timestampMs ?? 0) - (points[index - 1]?.timestampMs ?? Number.POSITIVE_INFINITY);
  return new Set(
    points
      .map((_, index) => index)
      .filter((index) => index > 0 && gapBefore(index) > GAP_MS)
      .sort((a, b) => gapBefore(b) - gapBefore(a) || a - b)
      .slice(0, MAX_GAPS),
  );
};

const chunkOf = (points: readonly [MetricPoint, ...MetricPoint[]]): HistoryChunk => {
  const document = { points: points.map(rowOfPoint) };
  const [first] = points;
  const last = points.at(-1) ?? first;
  const spanMs = last.timestampMs - first.timestampMs;
  return {
    first,
    spanMs,
    stepSpan: spanMs === 0 ? last.step - first.step : 0,
    digest: createHash('sha256').update(JSON.stringify(document)).digest('base64url').slice(0, DIGEST_LENGTH),
    document,
  };
};

export const chunksOf = (points: readonly MetricPoint[]): readonly HistoryChunk[] => {
  const sorted = [...points].sort(compareAcrossKeys);
  const distinct = sorted.filter((point, i) => {
    const former = sorted[i - 1];
    return former === undefined || compareAcrossKeys(former, point) !== 0;
  });
  const cuts = cutsOf(distinct);
  const groups: [MetricPoint, ...MetricPoint[]][] = [];
  distinct.forEach((point, index) => {
    const current = groups.at(-1);
    if (current === undefined || current.length === CHUNK_POINTS || cuts.has(index)) groups.push([point]);
    else current.push(point);
  });
  return groups.map(chunkOf);
};

export const pointsOfChunk = ({ points }: ChunkDocument, key: string): readonly MetricPoint[] =>
  points.filter(([pointKey]) => pointKey === key).map(pointOfRow);
