import { assert } from '../../kernel/assert.ts';

/** A number v with low ≤ v < high, half-way where that can be told from both. */
const between = (low: number, high: number): number => {
  const middle = low / 2 + high / 2;
  // Adding zero turns -0 into 0, which JSON would otherwise lose.
  return (middle > low && middle < high ? middle : low) + 0;
};

/**
 * Inner edges of at most `binCount` bins that hold equally many of the values, each edge half-way between two neighbouring
 * values. Bin i holds `edge[i − 1] < x ≤ edge[i]`. Values of at most `binCount` kinds have a bin each; otherwise an edge
 * follows the value of rank ⌈n · i / binCount⌉, where `quantileEdges` has it *on* that value: the bins of the values
 * themselves are the same. But a value that comes back a rounding step higher (as float32, or through text) crosses an
 * edge on it, with the whole tie; it never crosses one half-way to the next value.
 *
 * @param sorted finite values in ascending order, at least one.
 */
export const separatingEdges = (sorted: Float64Array, binCount: number): readonly number[] => {
  const count = sorted.length;
  assert(count > 0 && binCount >= 1, 'edges need values and at least one bin');
  assert(Number.isFinite(sorted[0]) && Number.isFinite(sorted[count - 1]), 'edges need finite values');
  const kinds: number[] = [];
  for (let i = 1; i < count && kinds.length < binCount; i += 1) {
    if ((sorted[i] as number) !== (sorted[i - 1] as number))
      kinds.push(between(sorted[i - 1] as number, sorted[i] as number));
  }
  if (kinds.length < binCount) return kinds;
  const edges: number[] = [];
  for (let bin = 1; bin < binCount; bin += 1) {
    let rank = Math.ceil((count * bin) / binCount) - 1;
    const value = sorted[rank] as number;
    while (rank < count && (sorted[rank] as number) === value) rank += 1;
    if (rank === count) break;
    const edge = between(value, sorted[rank] as number);
    if (edges.at(-1) !== edge) edges.push(edge);
  }
  return edges;
};
