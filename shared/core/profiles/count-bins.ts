/** How many of ascending values are at most `edge`. */
export const countUpTo = (sorted: Float64Array, length: number, edge: number): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) <= edge) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** How many of ascending values are less than `limit`. */
export const countBelow = (sorted: Float64Array, length: number, limit: number): number => {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Adds one side's counts to the other's, bin by bin. */
export const addCounts = (total: Float64Array, counts: Float64Array): void => {
  for (let bin = 0; bin < total.length; bin += 1) total[bin] = (total[bin] as number) + (counts[bin] as number);
};
