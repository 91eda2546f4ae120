import { describe, expect, it } from 'vitest';
import { twoSamplePathTail } from '../../../../../shared/core/statistics/two-sample-path-tail.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the exact tail of a two-sample distance', () => {
  it.each(reference.exactTails)(
    'is that of scipy: $countA and $countB rows',
    ({ statistic, countA, countB, value }) => {
      expect(relativeError(twoSamplePathTail(statistic, countA, countB), value)).toBeLessThan(1e-9);
    },
  );

  it('counts orders: of the six of two and two rows, two are apart', () => {
    expect(twoSamplePathTail(1, 2, 2)).toBeCloseTo(2 / 6, 15);
    expect(twoSamplePathTail(0, 2, 2)).toBe(1);
  });
});
