import { binThresholds } from './bin-thresholds.ts';

/** Features whose bins share one 32-bit word of a row, so that a histogram pass loads four bins at once. */
const FEATURES_PER_WORD = 4;
const BITS_PER_BIN = 8;
/** The bin of missing values; bin b > 0 holds the values up to threshold b - 1. */
export const MISSING_BIN = 0;

/** All rows, each value replaced by its bin. */
export interface BinnedRows {
  readonly rowCount: number;
  readonly featureCount: number;
  /** One array per four features; feature f of a row is byte `f % 4` of its word in array `f / 4`. */
  readonly words: readonly Int32Array[];
  /** Per feature, the upper bounds of all value bins but the last. */
  readonly thresholds: readonly Float32Array[];
}

/** Where a feature's bins are: `(words[row] >>> shift) & 255`. */
export const locateBins = (rows: BinnedRows, featureIndex: number): { words: Int32Array; shift: number } => ({
  words: rows.words[Math.floor(featureIndex / FEATURES_PER_WORD)] as Int32Array,
  shift: (featureIndex % FEATURES_PER_WORD) * BITS_PER_BIN,
});

const binOf = (value: number, thresholds: Float32Array): number => {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low + 1;
};

/**
 * Bins every feature.
 * @param featureValues gives feature f's float32 values, one per row; called once per feature, in order.
 * @param trainingRowCount rows at the start from which the bins' bounds are learned.
 */
export const binRows = (options: {
  readonly rowCount: number;
  readonly trainingRowCount: number;
  readonly featureCount: number;
  readonly featureValues: (featureIndex: number) => Float32Array;
}): BinnedRows => {
  const { rowCount, trainingRowCount, featureCount, featureValues } = options;
  const wordCount = Math.ceil(featureCount / FEATURES_PER_WORD);
  const words = Array.from({ length: wordCount }, () => new Int32Array(rowCount));
  const thresholds: Float32Array[] = [];
  for (let slot = 0; slot < wordCount * FEATURES_PER_WORD; slot++) {
    const target = words[Math.floor(slot / FEATURES_PER_WORD)] as Int32Array;
    const shift = (slot % FEATURES_PER_WORD) * BITS_PER_BIN;
    if (slot >= featureCount) {
      // An unused byte counts up: were it constant, every row would wait for the same histogram cell.
      for (let row = 0; row < rowCount; row++) target[row] = (target[row] as number) | ((row & 255) << shift);
      continue;
    }
    const values = featureValues(slot);
    const bounds = binThresholds(values.subarray(0, trainingRowCount));
    for (let row = 0; row < rowCount; row++) {
      const value = values[row] as number;
      const bin = Number.isNaN(value) ? MISSING_BIN : binOf(value, bounds);
      target[row] = (target[row] as number) | (bin << shift);
    }
    thresholds.push(bounds);
  }
  return { rowCount, featureCount, words, thresholds };
};
