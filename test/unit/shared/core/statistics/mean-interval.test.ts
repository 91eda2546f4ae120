import { describe, expect, it } from 'vitest';
import { meanInterval } from '../../../../../shared/core/statistics/mean-interval.ts';
import reference from '../../../../reference/statistics/reference.json' with { type: 'json' };

describe('mean interval', () => {
  it('is the t interval of scipy', () => {
    const interval = meanInterval(reference.values);

    expect(interval?.lower).toBeCloseTo(reference.meanInterval95[0]!, 9);
    expect(interval?.upper).toBeCloseTo(reference.meanInterval95[1]!, 9);
  });

  it('does not exist for one value', () => {
    expect(meanInterval([3])).toBeUndefined();
  });
});
