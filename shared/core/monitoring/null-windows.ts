import { DAY_MS } from '../../kernel/time.ts';
import { binIndex } from '../statistics/histogram.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import type { NullWindows } from './reference-profile.ts';

const addTo = (total: number[], counts: readonly number[]): void => {
  counts.forEach((count, bin) => {
    total[bin] = (total[bin] ?? 0) + count;
  });
};

const dailyCounts = (
  edges: readonly number[],
  eventAtMs: ArrayLike<number>,
  predictions: ArrayLike<number>,
): ReadonlyMap<number, readonly number[]> => {
  const days = new Map<number, number[]>();
  for (let row = 0; row < eventAtMs.length; row += 1) {
    const day = Math.floor((eventAtMs[row] ?? 0) / DAY_MS);
    const counts = days.get(day) ?? new Array<number>(edges.length + 1).fill(0);
    days.set(day, counts);
    const bin = binIndex(edges, predictions[row] ?? Number.NaN);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return days;
};

/**
 * The prediction PSI of each full trailing window of the reference against the reference without that window. Days
 * share their weather, so no formula for independent rows gives the spread that a quiet month has; this measures it.
 * Empty when the reference is not longer than one window.
 */
export const nullWindows = ({
  edges,
  eventAtMs,
  predictions,
  windowDays,
}: {
  readonly edges: readonly number[];
  readonly eventAtMs: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
  readonly windowDays: number;
}): NullWindows => {
  const days = dailyCounts(edges, eventAtMs, predictions);
  const first = Math.min(...days.keys());
  const last = Math.max(...days.keys());
  const predictionPsi: number[] = [];
  for (let end = first + windowDays - 1; end <= last && last - first >= windowDays; end += 1) {
    const inside = new Array<number>(edges.length + 1).fill(0);
    const outside = new Array<number>(edges.length + 1).fill(0);
    for (const [day, counts] of days) addTo(day > end - windowDays && day <= end ? inside : outside, counts);
    if (inside.some((count) => count > 0) && outside.some((count) => count > 0)) {
      predictionPsi.push(populationStabilityIndex(outside, inside));
    }
  }
  return { windowDays, predictionPsi };
};
