import { assert } from '../../kernel/assert.ts';

/**
 * Inner edges of at most `binCount` bins that hold equally many of the values: the values at ranks ⌈n · i / binCount⌉
 * (the inverse of the empirical distribution, R's type 1).
 *
 * Ties: a bin is right-closed (`edge[i − 1] < x ≤ edge[i]`), so equal values always share a bin. Edges that coincide
 * are kept once, and an edge at the maximum is dropped because nothing lies beyond it: heavily tied values give fewer
 * bins, constant values one bin without edges.
 */
export const quantileEdges = (values: ArrayLike<number>, binCount: number): readonly number[] => {
  assert(values.length > 0 && binCount >= 1, 'quantile edges need values and at least one bin');
  const sorted = Float64Array.from(values).sort();
  const maximum = sorted[sorted.length - 1] ?? Number.NaN;
  assert(Number.isFinite(sorted[0]) && Number.isFinite(maximum), 'quantile edges need finite values');
  const edges = new Set<number>();
  for (let i = 1; i < binCount; i += 1) {
    const edge = sorted[Math.ceil((sorted.length * i) / binCount) - 1];
    // Adding zero turns -0 into 0, which a set and JSON would otherwise tell apart.
    if (edge !== undefined && edge < maximum) edges.add(edge + 0);
  }
  return [...edges];
};
