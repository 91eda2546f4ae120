import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { TrafficShift } from '../registry/index.ts';

/** A stretch of time whose evidence is held against itself alone. */
export interface LookSpan {
  readonly startMs: number;
  /** Excluded. */
  readonly endMs: number;
  /** The canary's share throughout; absent where it changed within. */
  readonly weight?: number;
}

interface Range {
  readonly fromMs: number;
  readonly toMs: number;
  /** In order. */
  readonly shifts: readonly TrafficShift[];
}

/** How long a weight may take to be everywhere. */
const SPREADS_MS = 15 * SECOND_MS;
/** Longest stretch in which outcomes are taken for alike, where the division is not drawn. */
const BLOCK_MS = 5 * MINUTE_MS;

export const floorMinute = (atMs: number): number => Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
const ceilMinute = (atMs: number): number => Math.ceil(atMs / MINUTE_MS) * MINUTE_MS;

const weightAt = (shifts: readonly TrafficShift[], atMs: number): number =>
  shifts.findLast((shift) => shift.atMs <= atMs)?.weight ?? 0;

/**
 * Whole minutes, as metrics have them: a shift's own are a span without a weight.
 * @param mostMs of a span; where the division is drawn it may be of any length.
 */
export const minuteSpans = (
  { fromMs, toMs, shifts }: Range,
  mostMs = Number.POSITIVE_INFINITY,
): readonly LookSpan[] => {
  const changing = shifts.map(({ atMs }) => [floorMinute(atMs), ceilMinute(atMs + SPREADS_MS)] as const);
  const edges = [...changing.flat(), toMs].filter((edge) => edge > fromMs && edge <= toMs).sort((a, b) => a - b);
  const spans: LookSpan[] = [];
  let startMs = fromMs;
  for (const edge of edges) {
    while (startMs < edge) {
      const endMs = Math.min(edge, startMs + mostMs);
      const from = startMs;
      const isChanging = changing.some(([begins, ends]) => begins <= from && from < ends);
      spans.push({ startMs, endMs, ...(isChanging ? {} : { weight: weightAt(shifts, startMs) }) });
      startMs = endMs;
    }
  }
  return spans;
};

/** Stretches of captured lines: at most five minutes, each of one weight. */
export const capturedSpans = ({ fromMs, toMs, shifts }: Range): readonly LookSpan[] => {
  const spans: LookSpan[] = [];
  for (let startMs = fromMs; startMs < toMs; ) {
    const from = startMs;
    const shiftMs = shifts.find(({ atMs }) => atMs > from)?.atMs ?? Number.POSITIVE_INFINITY;
    const endMs = Math.min(toMs, shiftMs, startMs + BLOCK_MS);
    spans.push({ startMs, endMs, weight: weightAt(shifts, startMs) });
    startMs = endMs;
  }
  return spans;
};
