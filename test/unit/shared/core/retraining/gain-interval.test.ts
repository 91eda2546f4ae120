import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { gainInterval } from '../../../../../shared/core/retraining/gain-interval.ts';
import { studentTQuantile } from '../../../../../shared/core/statistics/student-t-quantile.ts';
import { fc } from '../../../../helpers/properties.ts';

const finite = fc.double({ min: -10, max: 10, noNaN: true });

describe('gainInterval', () => {
  it('is the t interval for the mean of further days, each of which counts as a third of one', () => {
    const gains = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const interval = gainInterval(gains, { horizonDays: 28 });

    const halfWidth = studentTQuantile(0.975, 2) * Math.sqrt(7.5) * Math.sqrt(1 / 3 + 3 / 28);
    expect(interval?.mean).toBe(5);
    expect(interval?.upper).toBeCloseTo(5 + halfWidth, 12);
    expect(interval?.lower).toBeCloseTo(5 - halfWidth, 12);
  });

  it('is undefined for a single day', () => {
    expect(gainInterval([1], { horizonDays: 28 })).toBeUndefined();
  });

  it('moves and scales with the gains, and turns with their sign', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 30 }), finite, (gains, shift) => {
        const base = gainInterval(gains, { horizonDays: 28 });
        const moved = gainInterval(
          gains.map((gain) => shift - 2 * gain),
          { horizonDays: 28 },
        );
        expect(moved?.lower).toBeCloseTo(shift - 2 * (base?.upper ?? 0), 6);
        expect(moved?.upper).toBeCloseTo(shift - 2 * (base?.lower ?? 0), 6);
      }),
    );
  });

  it('holds the mean of the next 28 correlated days in 95 of 100 courses or more', () => {
    const random = createSeededRandom('gain');
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
    const courses = 1_000;
    let covered = 0;
    for (let course = 0; course < courses; course += 1) {
      let day = normal();
      const days = Array.from({ length: 28 + 28 }, () => {
        day = 0.5 * day + Math.sqrt(1 - 0.25) * normal();
        return day;
      });
      const interval = gainInterval(days.slice(0, 28), { horizonDays: 28 });
      const next = days.slice(28).reduce((sum, value) => sum + value, 0) / 28;
      if (interval !== undefined && interval.lower <= next && next <= interval.upper) covered += 1;
    }
    expect(covered / courses).toBeGreaterThan(0.95);
  });
});
