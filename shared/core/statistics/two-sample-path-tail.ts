import { assert } from '../../kernel/assert.ts';

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

const fillRow = (outside: Float64Array, i: number, first: number, last: number): void => {
  for (let j = first; j <= last; j += 1) {
    const left = i === 0 ? 0 : i * (outside[j] as number);
    const below = j === 0 ? 0 : j * (outside[j - 1] as number);
    outside[j] = i + j === 0 ? 0 : (left + below) / (i + j);
  }
};

/**
 * P(D ≥ statistic) for the two-sided two-sample Kolmogorov–Smirnov distance of m and n rows without ties, exactly.
 *
 * Every order of the m + n rows is a lattice path from (0, 0) to (m, n). The share of paths to (i, j) that have touched
 * |i/m − j/n| ≥ d is 1 outside the band and i/(i+j) · left + j/(i+j) · below inside (Hodges 1958, "The significance
 * probability of the Smirnov two-sample test"): sums of positive terms, so small tails keep their digits. Distances are
 * compared as integers over the least common multiple. O(m · n) steps, O(n) memory.
 */
export const twoSamplePathTail = (statistic: number, m: number, n: number): number => {
  assert(Number.isInteger(m) && Number.isInteger(n) && m > 0 && n > 0, 'a two-sample test needs rows on both sides');
  const divisor = greatestCommonDivisor(m, n);
  const stepX = n / divisor;
  const stepY = m / divisor;
  const limit = Math.round(statistic * stepX * m);
  if (limit <= 0) return 1;
  // outside[j] is the share at (i, j); columns that the band has not reached yet, or has left, stay 1.
  const outside = new Float64Array(n + 1).fill(1);
  let from = 0;
  for (let i = 0; i <= m; i += 1) {
    const first = Math.max(0, Math.floor((i * stepX - limit) / stepY) + 1);
    const last = Math.min(n, Math.ceil((i * stepX + limit) / stepY) - 1);
    for (; from < first; from += 1) outside[from] = 1;
    fillRow(outside, i, first, last);
  }
  return Math.min(1, outside[n] as number);
};
