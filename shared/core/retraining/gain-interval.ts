import { assert } from '../../kernel/assert.ts';
import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';

export interface GainInterval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  readonly confidence: number;
}

/** Of one day's gain to the next day's: see the README for what it was measured on. */
export const DAY_CORRELATION = 0.5;
const FEWEST_EFFECTIVE_DAYS = 2;

/** So many independent days tell as much of a mean as `dayCount` that are correlated as an AR(1) is. */
const effectiveDays = (dayCount: number): number =>
  Math.max(FEWEST_EFFECTIVE_DAYS, (dayCount * (1 - DAY_CORRELATION)) / (1 + DAY_CORRELATION));

/**
 * The mean gain of the next `horizonDays` days, from the gains of past days: Student's t for the mean of further draws,
 * mean ± t(1 − α/2, n − 1) · s · √(1/n + 1/m), where n and m are effective days. Undefined for fewer than two days.
 */
export const gainInterval = (
  gains: readonly number[],
  { horizonDays, confidence = 0.95 }: { readonly horizonDays: number; readonly confidence?: number },
): GainInterval | undefined => {
  assert(gains.every(Number.isFinite), 'gains are finite');
  assert(horizonDays >= 1, 'a horizon has a day or more');
  const found = moments(gains);
  if (!found || found.count < 2) return undefined;
  const [past, next] = [effectiveDays(found.count), effectiveDays(horizonDays)];
  const quantile = studentTQuantile(1 - (1 - confidence) / 2, past - 1);
  const halfWidth = quantile * found.standardDeviation * Math.sqrt(1 / past + 1 / next);
  return { mean: found.mean, lower: found.mean - halfWidth, upper: found.mean + halfWidth, confidence };
};
