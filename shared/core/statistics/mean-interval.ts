import { assert } from '../../kernel/assert.ts';
import { moments } from './moments.ts';
import { studentTQuantile } from './student-t-quantile.ts';

export interface MeanInterval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * Student's t interval of a mean: mean ± t(1 − α/2, n − 1) · s / √n. The values are taken as independent, so give one
 * value per day where rows of a day share their weather. Undefined for fewer than two values.
 */
export const meanInterval = (values: readonly number[], confidence = 0.95): MeanInterval | undefined => {
  assert(values.every(Number.isFinite), 'a mean interval needs finite values');
  const found = moments(values);
  if (!found || found.count < 2) return undefined;
  const quantile = studentTQuantile(1 - (1 - confidence) / 2, found.count - 1);
  const halfWidth = (quantile * found.standardDeviation) / Math.sqrt(found.count);
  return { mean: found.mean, lower: found.mean - halfWidth, upper: found.mean + halfWidth, count: found.count };
};
