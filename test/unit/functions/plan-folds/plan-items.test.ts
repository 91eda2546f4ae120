import { describe, expect, it } from 'vitest';
import { planItems } from '../../../../functions/plan-folds/plan-items.ts';

const hour = (day: string, name: string, sizeBytes: number) => ({ day, hour: name, sizeBytes });

describe('the division of what is to be folded', () => {
  it('fills items in order, a large hour alone, and names each hour once', () => {
    const hours = [
      hour('2001-02-01', '22', 40),
      hour('2001-02-01', '23', 50),
      hour('2001-02-02', '00', 20),
      hour('2001-02-02', '01', 500),
      hour('2001-02-02', '02', 1),
    ];

    expect(planItems(hours, 100)).toEqual([
      { days: [{ day: '2001-02-01', hours: ['22', '23'] }] },
      { days: [{ day: '2001-02-02', hours: ['00'] }] },
      { days: [{ day: '2001-02-02', hours: ['01'] }] },
      { days: [{ day: '2001-02-02', hours: ['02'] }] },
    ]);
  });

  it('has an item of several days where they are small, and none without hours', () => {
    expect(planItems([hour('2001-02-01', '22', 1), hour('2001-02-02', '00', 1)], 100)).toEqual([
      {
        days: [
          { day: '2001-02-01', hours: ['22'] },
          { day: '2001-02-02', hours: ['00'] },
        ],
      },
    ]);
    expect(planItems([], 100)).toEqual([]);
  });
});
