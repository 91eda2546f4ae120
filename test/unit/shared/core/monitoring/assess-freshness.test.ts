import { describe, expect, it } from 'vitest';
import { assessFreshness } from '../../../../../shared/core/monitoring/index.ts';

const toMs = Date.parse('2001-02-18T00:00Z');
const limits = { toMs, maxDataAgeHours: 72 };

describe('freshness', () => {
  it('is given by a prediction of the last day and data within its age', () => {
    const newest = { lastPredictionAtMs: toMs - 3_600_000, lastDataDay: '2001-02-14' };

    expect(assessFreshness(newest, limits)).toEqual({ status: 'fresh', reasons: [], ...newest });
  });

  it('is lost without a prediction, with an old one, and with data that is too old', () => {
    expect(assessFreshness({}, limits).reasons).toEqual(['no prediction came in the window']);
    expect(assessFreshness({ lastPredictionAtMs: Date.parse('2001-02-16T10:00Z') }, limits).reasons).toEqual([
      'the last prediction came at 2001-02-16 10:00 UTC',
    ]);
    expect(assessFreshness({ lastPredictionAtMs: toMs - 1, lastDataDay: '2001-02-13' }, limits)).toMatchObject({
      status: 'stale',
      reasons: ['the newest data is of 2001-02-13, 96 hours old of at most 72'],
    });
  });
});
