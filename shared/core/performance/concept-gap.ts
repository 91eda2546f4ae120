import type { Task } from '../evaluation/index.ts';
import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import { FEWEST_DAYS } from './influence.ts';
import { type Calibration, calibratedChances } from './isotonic-calibration.ts';
import type { ConceptDrift } from './performance-report.ts';
import { rowLogLoss } from './row-metrics.ts';

/** What loss is expected by, before the label is known. */
export interface ExpectedBy {
  readonly calibration?: Calibration | undefined;
  /** Of a regression: the mean squared error of the hold-out. */
  readonly meanSquaredError?: number | undefined;
}

/**
 * By how much the loss of rows is above expectation, on average: of a classification the log loss above that of labels
 * drawn by the calibrated chances, of a regression the squared error above the hold-out's. It stays about 0 when the
 * inputs drift, however hard their new rows are to a classifier, and leaves 0 when labels part from inputs.
 * @returns undefined without rows, or where nothing tells what to expect.
 */
export const conceptGap = (
  task: Task,
  { labels, predictions }: { readonly labels: ArrayLike<number>; readonly predictions: ArrayLike<number> },
  { calibration, meanSquaredError }: ExpectedBy,
): number | undefined => {
  const count = labels.length;
  if (count === 0) return undefined;
  let sum = 0;
  if (task === 'regression') {
    if (meanSquaredError === undefined) return undefined;
    for (let row = 0; row < count; row += 1) sum += ((labels[row] as number) - (predictions[row] as number)) ** 2;
    return sum / count - meanSquaredError;
  }
  if (calibration === undefined) return undefined;
  const chances = calibratedChances(calibration, predictions);
  for (let row = 0; row < count; row += 1) {
    const [label, prediction, chance] = [labels[row] as number, predictions[row] as number, chances[row] as number];
    // The loss of a label less the expected loss of one drawn: what is alike in both falls out.
    sum += (label - chance) * (rowLogLoss(1, prediction) - rowLogLoss(0, prediction));
  }
  return sum / count;
};

/** Reference days below which nobody knows how much a day may stray. */
const FEWEST_REFERENCE_DAYS = 3;
const UPPER = 0.975;

/**
 * Welch's t test by days of the window's gaps against the reference's. Drifted: the whole interval of 95 % is farther from
 * 0 than `floor`, in the gap's unit.
 * @returns undefined with fewer than 8 days in the window or 3 in the reference.
 */
export const conceptDrift = (
  gaps: readonly number[],
  referenceGaps: readonly number[],
  floor: number,
): ConceptDrift | undefined => {
  const [window, reference] = [moments(gaps), moments(referenceGaps)];
  if (window === undefined || reference === undefined) return undefined;
  if (window.count < FEWEST_DAYS || reference.count < FEWEST_REFERENCE_DAYS) return undefined;
  const [ours, theirs] = [
    window.standardDeviation ** 2 / window.count,
    reference.standardDeviation ** 2 / reference.count,
  ];
  const variance = ours + theirs;
  const freedom = variance ** 2 / (ours ** 2 / (window.count - 1) + theirs ** 2 / (reference.count - 1));
  const half = variance === 0 ? 0 : studentTQuantile(UPPER, Math.max(1, freedom)) * Math.sqrt(variance);
  const value = window.mean - reference.mean;
  const gap = { value, lower: value - half, upper: value + half };
  return {
    test: 't test by days of loss above expected loss',
    dayCount: window.count,
    gap,
    drifted: gap.lower > floor || gap.upper < -floor,
  };
};
