import { describe, expect, it } from 'vitest';
import { leastLogGrowth, type Totals } from '../../../../../shared/core/judging/least-log-growth.ts';
import { fc } from '../../../../helpers/properties.ts';

const totalsOf = (outcomes: readonly number[]): Totals => [
  outcomes.length,
  outcomes.reduce((sum, x) => sum + x, 0),
  outcomes.reduce((sum, x) => sum + x * x, 0),
];

const growth = (outcomes: readonly number[], a: number, b: number): number =>
  outcomes.reduce((sum, x) => sum + Math.log1p(a + b * x), 0);

const outcomes = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
// A bet that keeps at least a twentieth: 1 + a and 1 + a + b are in [0.05, 3].
const bet = fc.tuple(fc.double({ min: 0.05, max: 3, noNaN: true }), fc.double({ min: 0.05, max: 3, noNaN: true }));

describe('leastLogGrowth', () => {
  it('is never above the growth of any outcomes with the same totals', () => {
    fc.assert(
      fc.property(outcomes, bet, (xs, [atZero, atOne]) => {
        const [a, b] = [atZero - 1, atOne - atZero];

        expect(leastLogGrowth(totalsOf(xs), a, b)).toBeLessThanOrEqual(growth(xs, a, b) + 1e-9 * xs.length);
      }),
    );
  });

  it('is the growth itself for outcomes of 0 and 1, and for one outcome', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 40 }), bet, (xs, [atZero, atOne]) => {
        const [a, b] = [atZero - 1, atOne - atZero];

        expect(leastLogGrowth(totalsOf(xs), a, b)).toBeCloseTo(growth(xs, a, b), 9);
      }),
    );
    expect(leastLogGrowth(totalsOf([0.4]), 0.1, -0.5)).toBeCloseTo(Math.log(0.9), 12);
    expect(leastLogGrowth(totalsOf([0.4]), -0.1, 0.5)).toBeCloseTo(Math.log(1.1), 12);
  });

  it('is attained: at 0 and one more point for rising bets, at 1 and one more for falling ones', () => {
    const rising = [0, 0, 0.5, 0.5, 0.5];
    const falling = [1, 1, 0.2, 0.2, 0.2];

    expect(leastLogGrowth(totalsOf(rising), -0.1, 0.8)).toBeCloseTo(growth(rising, -0.1, 0.8), 12);
    expect(leastLogGrowth(totalsOf(falling), 0.1, -0.8)).toBeCloseTo(growth(falling, 0.1, -0.8), 12);
  });

  it('is nothing for no outcomes', () => {
    expect(leastLogGrowth([0, 0, 0], 0.5, 0.5)).toBe(0);
    expect(leastLogGrowth([0, 0, 0], 0.5, -0.5)).toBe(0);
  });
});
