import { describe, expect, it } from 'vitest';
import { planBackTest } from '../../../../../shared/core/retraining/plan-back-test.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';

const day = (count: number): number => Date.UTC(2001, 1, 1) + count * DAY_MS;
const plan = (championAt: number, days = 7) =>
  planBackTest({ holdoutFromMs: day(40), holdoutToMs: day(40 + days), championThroughMs: day(championAt) });

describe('planBackTest', () => {
  it('has a candidate before the holdout and before as many days again, three times', () => {
    expect(plan(0)).toEqual({ originsMs: [day(40), day(33), day(26), day(19)] });
  });

  it('leaves out candidates that would know no day more than the champion', () => {
    expect(plan(26)).toEqual({ originsMs: [day(40), day(33)] });
    expect(plan(39)).toEqual({ originsMs: [day(40)] });
  });

  it('refuses a champion that knows of the compared days', () => {
    expect(plan(39.5)).toEqual({
      refused: expect.stringContaining('the champion knows what was known by 2001-03-12T12:00:00.000Z'),
    });
  });

  it('refuses a holdout of a single day', () => {
    expect(plan(0, 1)).toEqual({ refused: expect.stringContaining('a single day') });
  });
});
