import { kolmogorovSmirnov, kolmogorovSmirnovPValue } from '../statistics/kolmogorov-smirnov.ts';
import { wassersteinDistance } from '../statistics/wasserstein-distance.ts';
import type { NumberProfile } from './column-profile.ts';
import { deviationOf } from './moment-sums.ts';
import { rankErrorBound, sampleOf } from './quantile-sketch.ts';

export interface DistanceOfRanks {
  /** In [0, 1]. */
  readonly statistic: number;
  /** The statistic of the rows lies in [low, high] with 98 % confidence or more. */
  readonly low: number;
  readonly high: number;
  /** Of the statistic, for independent rows. */
  readonly pValue: number;
}

export interface DistanceOfValues {
  /** In the column's unit. */
  readonly distance: number;
  /** The distance by the reference's standard deviation. */
  readonly normed: number;
  /** What the sketches' ranks may add to the distance or take from it. */
  readonly errorBound: number;
}

/** What is known of the Kolmogorov–Smirnov distance from exact counts: at least that at the edges between the bins. */
const boundsByBins = (reference: NumberProfile, current: NumberProfile): readonly [low: number, high: number] => {
  let [low, slack, sumR, sumC] = [0, 0, 0, 0];
  const totalR = reference.moments.count;
  const totalC = current.moments.count;
  for (let bin = 0; bin < reference.counts.length; bin += 1) {
    const r = reference.counts[bin] as number;
    const c = current.counts[bin] as number;
    sumR += r;
    sumC += c;
    low = Math.max(low, Math.abs(sumR / totalR - sumC / totalC));
    // Within a bin the functions cannot part further than the smaller of their rises there.
    slack = Math.max(slack, Math.min(r / totalR, c / totalC));
  }
  return [low, Math.min(1, low + slack)];
};

/** Both sides' values as sketched, compared once for both distances. Both need at least one value. */
export const compareNumbers = (
  reference: NumberProfile,
  current: NumberProfile,
): { readonly kolmogorovSmirnov: DistanceOfRanks; readonly wasserstein: DistanceOfValues } => {
  const sampleR = sampleOf(reference.quantiles);
  const sampleC = sampleOf(current.quantiles);
  const rankError = rankErrorBound(reference.quantiles) + rankErrorBound(current.quantiles);
  const [lowest, highest] = boundsByBins(reference, current);
  const sketched = kolmogorovSmirnov(sampleR, sampleC);
  const statistic = Math.min(highest, Math.max(lowest, sketched));
  const distance = wassersteinDistance(sampleR, sampleC);
  const spread =
    Math.max(reference.moments.maximum, current.moments.maximum) -
    Math.min(reference.moments.minimum, current.moments.minimum);
  return {
    kolmogorovSmirnov: {
      statistic,
      low: Math.max(lowest, sketched - rankError),
      high: Math.min(highest, sketched + rankError),
      pValue: kolmogorovSmirnovPValue({
        statistic,
        countA: reference.moments.count,
        countB: current.moments.count,
      }),
    },
    wasserstein: {
      distance,
      // The floor is Evidently's: a constant reference has no spread to measure by.
      normed: distance / Math.max(deviationOf(reference.moments), MIN_DEVIATION),
      errorBound: rankError * spread,
    },
  };
};

const MIN_DEVIATION = 0.001;
