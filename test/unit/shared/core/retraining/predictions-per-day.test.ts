import { describe, expect, it } from 'vitest';
import { countPredictions, tellPredictions } from '../../../../../shared/core/retraining/index.ts';
import { DAY_MS, utcDay } from '../../../../../shared/kernel/time.ts';

const AS_OF_MS = Date.UTC(2001, 2, 5, 6);
/** Row counts of the days before, the newest last. */
const daysUpTo = (rowCounts: readonly number[]) =>
  rowCounts.map((rowCount, i) => ({ day: utcDay(AS_OF_MS - (rowCounts.length - i) * DAY_MS), rowCount }));
const count = (days: Parameters<typeof countPredictions>[0]) =>
  countPredictions(days, { asOfMs: AS_OF_MS, rowsPerDay: 9_000 });

describe('countPredictions', () => {
  it('is the mean of the last 28 days, whatever came before them', () => {
    const days = daysUpTo([...Array(20).fill(100_000), ...Array(28).fill(480)]);

    expect(count(days.toReversed())).toEqual({
      predictionsPerDay: 480,
      predictionsFrom: { kind: 'captured', dayCount: 28, throughDay: '2001-03-04' },
    });
  });

  it('counts days without traffic, but not those before the first, nor the day that is not over', () => {
    const days = [...daysUpTo([0, 0, 0, 100, 0, 20, 0]), { day: '2001-03-05', rowCount: 5_000 }];

    expect(count(days)).toEqual({
      predictionsPerDay: 30,
      predictionsFrom: { kind: 'captured', dayCount: 4, throughDay: '2001-03-04' },
    });
  });

  it('counts a pause at the start of the four weeks, when there was traffic before it', () => {
    expect(count(daysUpTo([50, ...Array(14).fill(0), ...Array(14).fill(60)])).predictionsPerDay).toBe(30);
  });

  it.each([
    [{ refused: 'nobody counted' }, 'nobody counted'],
    [[], 'none was captured in the last 28 days'],
    [daysUpTo([0, 0]), 'none was captured in the last 28 days'],
    [daysUpTo([50, ...Array(28).fill(0)]), 'none was captured in the last 28 days'],
    [[{ day: '2001-01-01', rowCount: 9 }], 'none was captured in the last 28 days'],
  ])('is the rows of the dataset where none is on record: %j', (traffic, reason) => {
    expect(count(traffic)).toEqual({ predictionsPerDay: 9_000, predictionsFrom: { kind: 'dataset', reason } });
  });
});

it('tells the number with its source, and one of before sources were told without', () => {
  const predictionsPerDay = 481.23;
  const one = { kind: 'captured', dayCount: 1, throughDay: '2001-03-04' } as const;

  expect(tellPredictions({ predictionsPerDay, predictionsFrom: { kind: 'declared' } })).toBe(
    '481 predictions a day (declared)',
  );
  expect(tellPredictions({ predictionsPerDay, predictionsFrom: one })).toBe(
    '481 predictions a day (captured over 1 day to 2001-03-04)',
  );
  expect(tellPredictions({ predictionsPerDay, predictionsFrom: { kind: 'dataset', reason: 'why' } })).toBe(
    "481 predictions a day (the dataset's rows: why)",
  );
  expect(tellPredictions({ predictionsPerDay })).toBe('481 predictions a day');
});
