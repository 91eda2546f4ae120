import { moments } from '../statistics/moments.ts';
import { daysApart } from './days-apart.ts';
import type { PerformanceReference } from './performance-reference.ts';
import type { LabelDrift } from './performance-report.ts';

/** What labels must differ by to matter, in deviations of one label of the hold-out. */
const FLOOR_DEVIATIONS = 0.1;

/**
 * The means of the window's labels against the hold-out's, by days: other outcomes, whatever the model said of them.
 * @returns undefined with too few days, and for a reference from before labels were kept in it.
 */
export const labelDrift = (
  means: readonly number[],
  { labelDeviation, days }: Pick<PerformanceReference, 'labelDeviation' | 'days'>,
): LabelDrift | undefined => {
  if (labelDeviation === undefined) return undefined;
  const floor = FLOOR_DEVIATIONS * labelDeviation;
  const referenceMeans = days.flatMap(({ labelMean }) => labelMean ?? []);
  const apart = daysApart(means, referenceMeans, floor);
  const reference = moments(referenceMeans);
  return (
    apart &&
    reference && { test: 't test by days of the mean of the labels', ...apart, referenceMean: reference.mean, floor }
  );
};
