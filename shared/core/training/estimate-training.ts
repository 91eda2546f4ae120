import type { TrainingSettings } from './gradient-boosted-trees.ts';

/** What a training would take on one core, early stopping not counted on. */
export interface TrainingEstimate {
  readonly memoryMb: number;
  readonly seconds: number;
}

/*
 * Measured on one core of an AMD EPYC server, Node 24.21, float32-noise features, 30,000 to 1,000,000 rows, 4 to 48
 * features, 7 to 255 leaves: the formula is within 20 % of each of ten runs.
 */
/** Checking, sorting and binning one value. */
const PREPARE_SECONDS_PER_VALUE = 2.8e-7;
/** One row, one feature, one doubling of the leaves. */
const SUM_SECONDS_PER_VALUE = 2.3e-9;
/** One row, one doubling of the leaves: partition, gradients. */
const MOVE_SECONDS_PER_ROW = 6.5e-9;
/** One leaf, one feature: its histogram cleared, subtracted and searched. */
const SEARCH_SECONDS_PER_LEAF = 2.2e-6;

/** Node, the DuckDB library and their buffers. */
const BASE_MB = 350;
/** Label, times, scores, gradients, row lists. */
const BYTES_PER_ROW = 56;
/** The caller's double and the bin's byte. */
const BYTES_PER_VALUE = 9;
/** A string of its own per row beside the column's pointer. */
const BYTES_PER_CATEGORY = 40;
/** Copies of a column while it is binned; the collector takes back about as fast as eight columns are made. */
const TRANSIENT_BYTES_PER_VALUE = 12;
const TRANSIENT_COLUMNS = 8;
const HISTOGRAM_BYTES_PER_FEATURE = 256 * 3 * 8;

const BYTES_PER_MB = 2 ** 20;

/**
 * What training takes, from measured constants. An estimate of time is good to about 20 % on the machine it was measured
 * on; `trainingRefusal` adds what another may need.
 * @param categoryFeatureCount of `featureCount`, how many are categories.
 */
export const estimateTraining = (options: {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly categoryFeatureCount?: number;
  readonly settings: Pick<TrainingSettings, 'rounds' | 'maxLeaves'>;
}): TrainingEstimate => {
  const { rowCount, featureCount, categoryFeatureCount = 0, settings } = options;
  const { rounds, maxLeaves } = settings;
  // Features are summed four at a time, the last four's gaps included.
  const slots = Math.ceil(featureCount / 4) * 4;
  const secondsPerRound =
    Math.log2(maxLeaves) * rowCount * (SUM_SECONDS_PER_VALUE * slots + MOVE_SECONDS_PER_ROW) +
    maxLeaves * slots * SEARCH_SECONDS_PER_LEAF;
  const bytes =
    rowCount *
      (BYTES_PER_ROW +
        slots * BYTES_PER_VALUE +
        categoryFeatureCount * BYTES_PER_CATEGORY +
        Math.min(featureCount, TRANSIENT_COLUMNS) * TRANSIENT_BYTES_PER_VALUE) +
    maxLeaves * slots * HISTOGRAM_BYTES_PER_FEATURE;
  return {
    memoryMb: BASE_MB + bytes / BYTES_PER_MB,
    seconds: rowCount * featureCount * PREPARE_SECONDS_PER_VALUE + rounds * secondsPerRound,
  };
};

/** Lambda gives a whole core from this much memory on, and a proportional part of one below. */
const MB_PER_CORE = 1_769;
/** How much slower than the measured core another may be. */
const SLOWER_CORE = 2;
/** Reading the rows and writing the model. */
const TRANSFER_SECONDS = 60;

/**
 * Why a training that would not fit must not start, or undefined when it fits. Refusing costs nothing; running into the
 * time limit costs the whole run.
 * @param memoryLimitMb the function's memory.
 * @param timeLimitSeconds what is left of the function's time, at most 900.
 */
export const trainingRefusal = (
  { memoryMb, seconds }: TrainingEstimate,
  { memoryLimitMb, timeLimitSeconds }: { readonly memoryLimitMb: number; readonly timeLimitSeconds: number },
): string | undefined => {
  const advice = 'lower maxRows, rounds or maxLeaves, or train with a SageMaker or Batch image';
  if (memoryMb > memoryLimitMb) {
    return `training needs about ${Math.ceil(memoryMb)} MB, the function has ${memoryLimitMb} MB: ${advice}`;
  }
  const neededSeconds = Math.ceil(TRANSFER_SECONDS + seconds * SLOWER_CORE * Math.max(1, MB_PER_CORE / memoryLimitMb));
  if (neededSeconds > timeLimitSeconds) {
    return `training may need ${neededSeconds} s, the function has ${Math.floor(timeLimitSeconds)} s: ${advice}`;
  }
  return undefined;
};
