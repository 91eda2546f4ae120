import type { Task } from '../evaluation/index.ts';
import { daysApart } from './days-apart.ts';
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

/** A gap that matters to nobody: a share of the reference's loss. */
export const GAP_FLOOR_SHARE = 0.02;

/** The window's gaps against the reference's, by days: a gap that is farther from 0 than `floor`, in its unit, is drift. */
export const conceptDrift = (
  gaps: readonly number[],
  referenceGaps: readonly number[],
  floor: number,
): ConceptDrift | undefined => {
  const apart = daysApart(gaps, referenceGaps, floor);
  return apart && { test: 't test by days of loss above expected loss', ...apart };
};
