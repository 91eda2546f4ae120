/** The bin of a value: bin i holds `edge[i − 1] < x ≤ edge[i]`; there is one more bin than edges. */
export const binIndex = (edges: readonly number[], value: number): number => {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value > (edges[middle] ?? Number.POSITIVE_INFINITY)) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Counts the values by bin; NaN is counted nowhere. */
export const histogram = (edges: readonly number[], values: ArrayLike<number>): readonly number[] => {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const bin = binIndex(edges, value);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
};
