import { describe, expect, it } from 'vitest';
import {
  chooseLimit,
  episodesPerYear,
  tailProbability,
  tailTable,
} from '../../../../../shared/core/drift/choose-limit.ts';
import { fc } from '../../../../helpers/properties.ts';

const year = fc.array(
  fc.integer({ min: 0, max: 12_000 }).map((thousandths) => thousandths / 1_000),
  { minLength: 20, maxLength: 20 },
);
/** What is left between the bounds after twenty halvings of [4, 40]. */
const STEP = 36 / 2 ** 20;

describe('a limit', () => {
  it('is the least, from 4 on, that keeps virtual years to the allowed episodes', () => {
    fc.assert(
      fc.property(
        fc.array(year, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (years, perYear) => {
          const courses = years.map((course) => Float64Array.from(course));
          const limit = chooseLimit(courses, { perYear, endsAfterDays: 1 });

          expect(episodesPerYear(courses, limit, 1)).toBeLessThanOrEqual(perYear);
          if (limit > 4) expect(episodesPerYear(courses, limit - STEP, 1)).toBeGreaterThan(perYear);
        },
      ),
    );
  });

  it('is 4 for years without any change', () => {
    expect(chooseLimit([new Float64Array(365)], { perYear: 1, endsAfterDays: 7 })).toBe(4);
  });
});

describe('a table of tails', () => {
  // Steps of 1/20: exponential, so that a probability of 10^(−i/2) lies at i.
  const counts = Float64Array.from({ length: 400 }, (_, step) => 1e8 * (10 ** (-step / 40) - 10 ** (-(step + 1) / 40)));
  const table = tailTable(counts);

  it('has the statistics that are exceeded with each probability', () => {
    expect(table.length).toBeGreaterThan(12);
    table.forEach((entry, i) => {
      expect(Math.abs(entry - i)).toBeLessThan(0.06);
    });
  });

  it('tells probabilities between its entries and beyond them', () => {
    expect(tailProbability(table, 0)).toBe(1);
    expect(Math.log10(tailProbability(table, 4.5))).toBeCloseTo(-2.25, 1);
    expect(Math.log10(tailProbability(table, 20))).toBeCloseTo(-10, 0);
  });

  it('never gives a larger statistic a larger probability', () => {
    const statistic = fc.double({ min: 0, max: 60, noNaN: true });
    fc.assert(
      fc.property(statistic, statistic, (a, b) => {
        expect(tailProbability(table, Math.max(a, b))).toBeLessThanOrEqual(tailProbability(table, Math.min(a, b)));
      }),
    );
  });
});
