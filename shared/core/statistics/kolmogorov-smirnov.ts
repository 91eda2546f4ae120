import { kolmogorovTail } from './kolmogorov-tail.ts';
import { twoSamplePathTail } from './two-sample-path-tail.ts';
import { type SortedSample, walkDistributions } from './walk-distributions.ts';

/** Above this many rows on either side `auto` takes the asymptotic p-value, as SciPy does. */
const MAX_EXACT_COUNT = 10_000;

/** The largest distance between two empirical distribution functions, in [0, 1]; ties count as one step. */
export const kolmogorovSmirnov = (a: SortedSample, b: SortedSample): number => {
  let largest = 0;
  walkDistributions(a, b, (difference) => {
    const distance = Math.abs(difference);
    if (distance > largest) largest = distance;
  });
  return largest;
};

/**
 * How probable a two-sided distance of at least `statistic` is between samples of `countA` and `countB` independent rows
 * of one continuous distribution.
 *
 * `asymptotic` is SciPy's `ks_2samp(method='asymp')`: the one-sample distribution at round(a · b / (a + b)) rows.
 * `exact` counts lattice paths, in O(a · b). `auto` is exact up to 10,000 rows a side. Ties make both conservative.
 */
export const kolmogorovSmirnovPValue = ({
  statistic,
  countA,
  countB,
  method = 'auto',
}: {
  readonly statistic: number;
  readonly countA: number;
  readonly countB: number;
  readonly method?: 'auto' | 'exact' | 'asymptotic';
}): number => {
  const exact = method === 'exact' || (method === 'auto' && Math.max(countA, countB) <= MAX_EXACT_COUNT);
  if (exact) return twoSamplePathTail(statistic, countA, countB);
  return kolmogorovTail(statistic, Math.max(1, roundHalfToEven((countA * countB) / (countA + countB))));
};

/** As NumPy rounds, on which SciPy's count of rows depends. */
const roundHalfToEven = (value: number): number => {
  const down = Math.floor(value);
  if (value - down !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
};
