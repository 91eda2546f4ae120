import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import { FEWEST_DAYS } from './influence.ts';
import type { DaysApart } from './performance-report.ts';

/** Reference days below which nobody knows how much a day may stray. */
const FEWEST_REFERENCE_DAYS = 3;
const UPPER = 0.975;

/**
 * Welch's t test (1947) by days of the window's values against the reference's. Drifted: the whole interval of 95 % is
 * farther from 0 than `floor`, in the values' unit.
 * @returns undefined with fewer than 8 days in the window or 3 in the reference.
 */
export const daysApart = (
  values: readonly number[],
  referenceValues: readonly number[],
  floor: number,
): DaysApart | undefined => {
  const [window, reference] = [moments(values), moments(referenceValues)];
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
  return { dayCount: window.count, gap, drifted: gap.lower > floor || gap.upper < -floor };
};
