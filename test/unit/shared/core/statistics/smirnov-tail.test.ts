import { describe, expect, it } from 'vitest';
import { smirnovTail } from '../../../../../shared/core/statistics/smirnov-tail.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the one-sided tail of the Kolmogorov distance', () => {
  it('is 1 − x for one row', () => {
    expect(smirnovTail(1, 0.25)).toBeCloseTo(0.75, 15);
  });

  it('is half of the two-sided one of scipy where both sides cannot be crossed', () => {
    for (const { rows, statistic, value } of reference.kolmogorovTails.filter(
      (tail) => tail.rows > 1 && tail.rows * tail.statistic ** 2 > 4 && tail.value > 1e-300,
    )) {
      expect(relativeError(2 * smirnovTail(rows, statistic), value), `${rows} rows`).toBeLessThan(1e-9);
    }
  });
});
