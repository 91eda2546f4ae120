import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import { upperGammaShare } from '../statistics/upper-gamma-share.ts';

/** How sure it is how far groups lie apart: an interval that holds for all pairs of groups at once. */

/** A metric of one group: of its rows, and of each draw of all rows; NaN where a draw does not have it. */
export interface DrawnGroup {
  readonly value: number;
  readonly draws: Float64Array;
}

/** Two groups and how far they lie apart. */
interface Pair {
  readonly difference: number;
  /** Standard deviation of the difference over draws. */
  readonly deviation: number;
  readonly draws: Float64Array;
}

const CONFIDENCE = 0.95;
/** Student's quantiles are known as far out as this. */
const LEAST_TAIL = 1e-6;
/** Share of the draws that must have both groups. */
export const ENOUGH = 0.9;

const pairOf = (one: DrawnGroup, other: DrawnGroup): Pair | undefined => {
  const draws = one.draws.map((value, draw) => value - (other.draws[draw] as number));
  const spread = moments(draws);
  if (spread === undefined || spread.count < Math.max(2, ENOUGH * draws.length)) return undefined;
  return { difference: one.value - other.value, deviation: spread.standardDeviation, draws };
};

const pairsOf = (groups: readonly DrawnGroup[]): readonly Pair[] =>
  groups.flatMap((one, i) => groups.slice(i + 1).flatMap((other) => pairOf(one, other) ?? []));

/** How many deviations the pair that is farthest off lies from its difference, in 95 % of the draws at most. */
const jointFactor = (pairs: readonly Pair[]): number => {
  const farthest = new Float64Array(pairs[0]?.draws.length ?? 0);
  for (const { difference, deviation, draws } of pairs) {
    if (deviation === 0) continue;
    for (const [draw, value] of draws.entries()) {
      const off = Math.abs(value - difference) / deviation;
      if (off > (farthest[draw] as number)) farthest[draw] = off;
    }
  }
  return farthest.sort()[Math.ceil(CONFIDENCE * farthest.length) - 1] ?? 0;
};

/** As many deviations of few units as the normal distribution leaves out the same share beyond. */
const ofFewUnits = (factor: number, unitCount: number): number => {
  const tail = Math.max(LEAST_TAIL, upperGammaShare(0.5, factor ** 2 / 2) / 2);
  return Math.sqrt(unitCount / (unitCount - 1)) * studentTQuantile(1 - tail, unitCount - 1);
};

/**
 * Interval of 95 % of the largest difference between two groups, over one metric or several. The largest of noisy
 * differences is large by chance alone, and larger still in draws of what was drawn, so that the middle of its draws lies
 * above it: instead pairs are bounded, all of them at once, by the bootstrap of the largest studentised deviation (Beran
 * 1988, "Balanced simultaneous confidence sets"; for groups as in Cherian & Candès 2023, "Statistical inference for fairness
 * auditing"). Its lower end is what some pair surely differs by, its upper end what no pair exceeds.
 * @param metrics of each the groups that have it, all with the same draws.
 * @param unitCount days or rows that were drawn: few of them make it wider, as Student's distribution does.
 * @returns undefined where no two groups can be compared.
 */
export const spreadInterval = (
  metrics: readonly (readonly DrawnGroup[])[],
  unitCount: number,
): { readonly lower: number; readonly upper: number } | undefined => {
  const pairs = metrics.flatMap(pairsOf);
  if (pairs.length === 0 || unitCount < 2) return undefined;
  const factor = ofFewUnits(jointFactor(pairs), unitCount);
  let [lower, upper] = [0, 0];
  for (const { difference, deviation } of pairs) {
    lower = Math.max(lower, Math.abs(difference) - factor * deviation);
    upper = Math.max(upper, Math.abs(difference) + factor * deviation);
  }
  return { lower, upper };
};
