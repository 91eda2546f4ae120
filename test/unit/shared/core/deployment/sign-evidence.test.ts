import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { fewestHits, signEvidence } from '../../../../../shared/core/deployment/sign-evidence.ts';
import { fc } from '../../../../helpers/properties.ts';

const fewest = Array.from({ length: 101 }, (_, days) => fewestHits(days, 40));

describe('the evidence of signs', () => {
  it('is what the integral of the likelihood ratio says', () => {
    // 2∫ 2^n p^k (1 − p)^(n − k) dp over (½, 1), by the trapezoid rule with 20,000 steps.
    const integral = (n: number, k: number): number => {
      const steps = 20_000;
      let sum = 0;
      for (let i = 0; i <= steps; i += 1) {
        const p = 0.5 + (0.5 * i) / steps;
        sum += (i === 0 || i === steps ? 0.5 : 1) * p ** k * (1 - p) ** (n - k);
      }
      return (2 * 2 ** n * sum * 0.5) / steps;
    };
    for (const [n, k] of [
      [1, 1],
      [8, 8],
      [14, 13],
      [30, 12],
      [42, 33],
    ] as const)
      expect(signEvidence(n, k) / integral(n, k)).toBeCloseTo(1, 6);
  });

  it('of no day is 1, and takes eight days without a miss to reach forty', () => {
    expect(signEvidence(0, 0)).toBe(1);
    expect(signEvidence(7, 7)).toBeLessThan(40);
    expect(signEvidence(8, 8)).toBe(511 / 9);
    expect(fewestHits(7, 40)).toBeUndefined();
    expect(fewestHits(8, 40)).toBe(8);
    expect(fewestHits(366, 40)).toBe(216);
  });

  it('is fair on the null: tomorrow’s is today’s on average, and less where hits are rarer', () => {
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const k = Math.floor(share * n);
        const mean = (signEvidence(n + 1, k + 1) + signEvidence(n + 1, k)) / 2;

        expect(mean / signEvidence(n, k)).toBeCloseTo(1, 9);
        expect(signEvidence(n + 1, k + 1)).toBeGreaterThan(signEvidence(n + 1, k));
      }),
    );
  });

  it('errs in at most 5 % of equal challengers, better and worse together, looked at after each of a hundred days', () => {
    const random = createSeededRandom('equal');
    let wrong = 0;
    for (let challenger = 0; challenger < 10_000; challenger += 1) {
      let hits = 0;
      for (let days = 1; days <= 100; days += 1) {
        hits += random.fraction() < 0.5 ? 1 : 0;
        if (Math.max(hits, days - hits) < (fewest[days] ?? Number.POSITIVE_INFINITY)) continue;
        wrong += 1;
        break;
      }
    }

    // Five percent and three standard deviations of a share of 10,000.
    expect(wrong / 10_000).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / 10_000));
    expect(wrong).toBeGreaterThan(100);
  });
});
