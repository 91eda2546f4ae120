import { describe, expect, it } from 'vitest';
import { budgetRefusal, monthOf, spentIn, tellUsd } from '../../../../../shared/core/retraining/monthly-budget.ts';

const FEBRUARY = monthOf(Date.UTC(2001, 1, 28, 23, 59));

describe('a month’s budget', () => {
  it('is of a calendar month in UTC, also at the turn of the year', () => {
    expect(FEBRUARY).toEqual({ name: '2001-02', fromMs: Date.UTC(2001, 1, 1), toMs: Date.UTC(2001, 2, 1) });
    expect(monthOf(Date.UTC(2001, 11, 31)).toMs).toBe(Date.UTC(2002, 0, 1));
  });

  it('counts the runs that began in it, those without an estimate as one more', () => {
    const runs = [
      { startedAtMs: FEBRUARY.fromMs - 1, costUsd: 100 },
      { startedAtMs: FEBRUARY.fromMs, costUsd: 2 },
      { startedAtMs: FEBRUARY.toMs - 1 },
      { startedAtMs: FEBRUARY.toMs, costUsd: 100 },
    ];

    expect(spentIn(FEBRUARY, runs, 3)).toBe(5);
  });

  it('bears a run up to its last cent, and says what stood when it does not', () => {
    const asked = { month: FEBRUARY, budgetUsd: 5, costUsd: 3 };

    expect(budgetRefusal({ ...asked, spentUsd: 2 })).toBeUndefined();
    expect(budgetRefusal({ ...asked, spentUsd: 2.5 })).toBe(
      'the budget of 2001-02 is spent: 2.50 $ of 5.00 $ (retraining.budgetPerMonth), and another run costs about ' +
        '3.00 $; it is looked at again on 2001-03-01',
    );
  });

  it.each([
    [0, '0 $'],
    [0.015_2, '0.015 $'],
    [-3.456, '−3.46 $'],
    [12_345.6, '12346 $'],
  ])('tells %d dollars as %s', (usd, text) => {
    expect(tellUsd(usd)).toBe(text);
  });
});
