import type { BinnedRows } from './binned-rows.ts';

/**
 * Sums per (feature, bin) over a node's rows: gradient, hessian, row count, side by side, so that one row touches one
 * cache line per feature. Counts are kept exactly (LightGBM infers them from the hessian) because `minRowsPerLeaf` is
 * a promise.
 */
export type GradientHistogram = Float64Array;

export const CELL = 3;
export const FEATURE_STRIDE = 256 * CELL;
const WORD_STRIDE = 4 * FEATURE_STRIDE;

export const newHistogram = (rows: BinnedRows): GradientHistogram => new Float64Array(rows.words.length * WORD_STRIDE);

/**
 * Adds rows to four features' sums. Written out, not looped: this is where training spends its time, and the
 * four independent chains of additions hide each other's latency.
 */
const addRowsOfWord = (
  sums: Float64Array,
  words: Int32Array,
  gradients: Float32Array,
  indices: Uint32Array,
  start: number,
  end: number,
): void => {
  for (let k = start; k < end; k++) {
    const row = indices[k] as number;
    const bins = words[row] as number;
    const gradient = gradients[2 * row] as number;
    const hessian = gradients[2 * row + 1] as number;
    const a = (bins & 255) * CELL;
    const b = FEATURE_STRIDE + ((bins >>> 8) & 255) * CELL;
    const c = 2 * FEATURE_STRIDE + ((bins >>> 16) & 255) * CELL;
    const d = 3 * FEATURE_STRIDE + (bins >>> 24) * CELL;
    sums[a] = (sums[a] as number) + gradient;
    sums[a + 1] = (sums[a + 1] as number) + hessian;
    sums[a + 2] = (sums[a + 2] as number) + 1;
    sums[b] = (sums[b] as number) + gradient;
    sums[b + 1] = (sums[b + 1] as number) + hessian;
    sums[b + 2] = (sums[b + 2] as number) + 1;
    sums[c] = (sums[c] as number) + gradient;
    sums[c + 1] = (sums[c + 1] as number) + hessian;
    sums[c + 2] = (sums[c + 2] as number) + 1;
    sums[d] = (sums[d] as number) + gradient;
    sums[d + 1] = (sums[d + 1] as number) + hessian;
    sums[d + 2] = (sums[d + 2] as number) + 1;
  }
};

/**
 * Fills a histogram from the rows `indices[start … end)`.
 * @param gradients gradient and hessian of each row, interleaved.
 */
export const fillHistogram = (
  histogram: GradientHistogram,
  rows: BinnedRows,
  gradients: Float32Array,
  node: { readonly indices: Uint32Array; readonly start: number; readonly end: number },
): void => {
  histogram.fill(0);
  for (const [i, words] of rows.words.entries()) {
    const sums = histogram.subarray(i * WORD_STRIDE, (i + 1) * WORD_STRIDE);
    addRowsOfWord(sums, words, gradients, node.indices, node.start, node.end);
  }
};

/** Turns a parent's histogram into that of one child by taking the other child's away: no row is read. */
export const subtractHistogram = (parent: GradientHistogram, sibling: GradientHistogram): void => {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (sibling[i] as number);
};
