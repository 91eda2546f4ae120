import { describe, expect, it } from 'vitest';
import { kolmogorovTail } from '../../../../../shared/core/statistics/kolmogorov-tail.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

const ROWS = [...new Set(reference.kolmogorovTails.map(({ rows }) => rows))];

describe('the tail of the Kolmogorov distance', () => {
  it.each(ROWS)('is that of scipy for %i rows, from a certain distance to an impossible one', (n) => {
    for (const { statistic, value } of reference.kolmogorovTails.filter(({ rows }) => rows === n)) {
      // Below 1e-300 doubles have fewer digits.
      const limit = value > 1e-300 ? 1e-7 : 1;
      expect(relativeError(kolmogorovTail(statistic, n), value), `at ${statistic}`).toBeLessThan(limit);
    }
  });

  it('falls from 1 to 0', () => {
    expect(kolmogorovTail(0, 10)).toBe(1);
    expect(kolmogorovTail(1, 10)).toBe(0);
    for (const n of [30, 139, 150, 4_000, 70_000]) {
      const tails = Array.from({ length: 60 }, (_, i) => kolmogorovTail((i / 12 + 0.05) / Math.sqrt(n), n));
      for (let i = 1; i < tails.length; i += 1) expect(tails[i]).toBeLessThanOrEqual(tails[i - 1]! + 1e-7);
    }
  });
});
