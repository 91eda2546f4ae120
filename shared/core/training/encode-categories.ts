import type { CategoryEncoder } from './gradient-boosted-trees.ts';

/** Rows of prior that every category starts with: LightGBM's `cat_smooth` default. */
const PRIOR_ROWS = 10;
/** Parts of the training rows; a row is encoded by the labels of the other parts. */
const FOLD_COUNT = 5;

/** A well-mixed 32-bit number of (row, seed): MurmurHash3's finaliser. */
const mix = (row: number, seed: number): number => {
  let hash = Math.imul(row ^ Math.imul(seed, 0x9e37_79b1), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

interface Statistics {
  /** Label sum and row count per (category, fold). */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly idByCategory: ReadonlyMap<string, number>;
  readonly categoryIds: Int32Array;
}

const foldOf = (row: number, seed: number): number => mix(row, seed) % FOLD_COUNT;

const gather = (column: readonly string[], label: Float64Array, rowCount: number, seed: number): Statistics => {
  const idByCategory = new Map<string, number>();
  const categoryIds = new Int32Array(rowCount).fill(-1);
  for (let row = 0; row < rowCount; row++) {
    const category = column[row] as string;
    if (category === '') continue;
    const id = idByCategory.get(category) ?? idByCategory.size;
    idByCategory.set(category, id);
    categoryIds[row] = id;
  }
  const sums = new Float64Array(idByCategory.size * FOLD_COUNT);
  const counts = new Float64Array(idByCategory.size * FOLD_COUNT);
  for (let row = 0; row < rowCount; row++) {
    const id = categoryIds[row] as number;
    if (id < 0) continue;
    const cell = id * FOLD_COUNT + foldOf(row, seed);
    sums[cell] = (sums[cell] as number) + (label[row] as number);
    counts[cell] = (counts[cell] as number) + 1;
  }
  return { sums, counts, idByCategory, categoryIds };
};

/** Smoothed mean per category, of every fold but one (-1: of all folds). */
const smoothedMeans = ({ sums, counts, idByCategory }: Statistics, prior: number, withoutFold: number): Float32Array =>
  Float32Array.from(idByCategory.values(), (id) => {
    let sum = PRIOR_ROWS * prior;
    let count = PRIOR_ROWS;
    for (let fold = 0; fold < FOLD_COUNT; fold++) {
      if (fold === withoutFold) continue;
      sum += sums[id * FOLD_COUNT + fold] as number;
      count += counts[id * FOLD_COUNT + fold] as number;
    }
    return sum / count;
  });

/** The mean label of the rows that hold a category; 0 when none does, where nothing will ask for it. */
const priorOf = ({ sums, counts }: Statistics): number => {
  const add = (a: number, b: number): number => a + b;
  const count = counts.reduce(add, 0);
  return count === 0 ? 0 : Math.fround(sums.reduce(add, 0) / count);
};

const byCodeUnits = ([a]: readonly [string, number], [b]: readonly [string, number]): number => (a < b ? -1 : 1);

/**
 * Replaces a category column by target statistics (Micci-Barreca 2001): the mean label of the category's rows and of
 * ten rows of the prior. A training row is encoded out of fold, without its own part's labels, or the trees would learn
 * its label from its own encoding; later rows and predictions use the statistics of all training rows. The prior is
 * the same in all folds: one per fold would tell the trees a row's fold, and by that its label.
 * @param trainingRowCount rows at the start that may be learned from; those after it are only encoded.
 * @returns the encoder for prediction, and the encoded column for training (missing = NaN).
 */
export const encodeCategories = (options: {
  readonly featureIndex: number;
  readonly column: readonly string[];
  readonly label: Float64Array;
  readonly trainingRowCount: number;
  readonly seed: number;
}): { readonly encoder: CategoryEncoder; readonly encoded: Float32Array } => {
  const { featureIndex, column, label, trainingRowCount, seed } = options;
  const statistics = gather(column, label, trainingRowCount, seed);
  const prior = priorOf(statistics);
  const means = smoothedMeans(statistics, prior, -1);
  const entries = [...statistics.idByCategory].map(([category, id]) => [category, means[id] as number] as const);
  const encoder = { featureIndex, prior, valueByCategory: new Map(entries.toSorted(byCodeUnits)) };

  const encoded = encodeColumn(encoder, column);
  const meansWithoutFold = Array.from({ length: FOLD_COUNT }, (_, fold) => smoothedMeans(statistics, prior, fold));
  for (let row = 0; row < trainingRowCount; row++) {
    const id = statistics.categoryIds[row] as number;
    if (id >= 0) encoded[row] = (meansWithoutFold[foldOf(row, seed)] as Float32Array)[id] as number;
  }
  return { encoder, encoded };
};

/** Encodes for prediction: NaN for the empty string, the prior for an unseen category. */
export const encodeColumn = (encoder: CategoryEncoder, column: readonly string[]): Float32Array =>
  Float32Array.from(column, (category) =>
    category === '' ? Number.NaN : (encoder.valueByCategory.get(category) ?? encoder.prior),
  );
