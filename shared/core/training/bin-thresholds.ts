/** Bins of one feature, the one for missing values included: a bin's number fits a byte. */
const MAX_BINS = 255;
const MAX_VALUE_BINS = MAX_BINS - 1;

/** A float32 t with `below <= t < above`, halfway where float32 allows. */
const between = (below: number, above: number): number => {
  const middle = Math.fround(below + (above - below) / 2);
  return middle < above ? middle : below;
};

const distinctCount = (sorted: Float32Array): number => {
  let count = sorted.length === 0 ? 0 : 1;
  for (let i = 1; i < sorted.length; i++) if (sorted[i] !== sorted[i - 1]) count++;
  return count;
};

/**
 * Cuts a feature's values into at most 254 bins: one per distinct value where they fit, else of equal row counts as
 * far as ties allow (a value as frequent as a whole bin gets one of its own, as in LightGBM's GreedyFindBin).
 * @param values of the training rows; NaN is missing and gets no bin here.
 * @returns the largest value of every bin but the last, ascending, exact in float32: bin b holds the values in
 *   (threshold[b - 1], threshold[b]].
 */
export const binThresholds = (values: Float32Array): Float32Array => {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  let remainingBins = MAX_VALUE_BINS;
  let remainingRows = sorted.length;
  // With few distinct values the target is 0, so that each value closes its bin.
  const evenly = distinctCount(sorted) > MAX_VALUE_BINS;
  const thresholds: number[] = [];
  let inBin = 0;
  for (let start = 0; start < sorted.length; ) {
    const value = sorted[start] as number;
    let end = start + 1;
    while (end < sorted.length && sorted[end] === value) end++;
    const target = evenly ? remainingRows / remainingBins : 0;
    // Close the bin before this value where that leaves it nearer to its target than closing after.
    if (inBin > 0 && remainingBins > 1 && inBin + (end - start) / 2 >= target) {
      thresholds.push(between(sorted[start - 1] as number, value));
      remainingRows -= inBin;
      remainingBins--;
      inBin = 0;
    }
    inBin += end - start;
    start = end;
  }
  return Float32Array.from(thresholds);
};
