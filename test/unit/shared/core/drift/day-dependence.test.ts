import { describe, expect, it } from 'vitest';
import { autocorrelations, blockDaysOf, inflationOf } from '../../../../../shared/core/drift/day-dependence.ts';

describe('autocorrelations', () => {
  it('are those of the definition, with one divisor for all lags', () => {
    expect([...autocorrelations([1, -1, 1, -1], 2)]).toEqual([-0.75, 0.5]);
    expect([...autocorrelations([0, 0, 0], 2)]).toEqual([0, 0]);
  });
});

describe('the inflation of a running mean', () => {
  it('is none in blocks of one day, and that of drawn blocks otherwise', () => {
    expect(inflationOf([0.5], 1, 1)).toBe(1);
    // The mean of a block of 3 days with ρ₁ = 0.5, ρ₂ = 0.25: 1 + 2(2/3 · 0.5 + 1/3 · 0.25).
    expect(inflationOf([0.5, 0.25], 1, 3)).toBeCloseTo(1 + 2 * (1 / 3 + 0.25 / 3), 12);
    expect(inflationOf([0.5, 0.25], 0, 3)).toBe(1);
  });
});

describe('the days of a block', () => {
  it('are one without dependence, and more the more a day is like the one before', () => {
    expect(blockDaysOf(-0.2, 56)).toBe(1);
    expect(blockDaysOf(0, 56)).toBe(1);
    // Twice Politis and White's (1.5 · (2ρ/(1 − ρ²))² · n)^(1/3) of an autoregression: 2 · 4.24.
    expect(blockDaysOf(0.4, 56)).toBe(8);
    expect(blockDaysOf(0.7, 56)).toBeGreaterThan(blockDaysOf(0.4, 56));
    expect(blockDaysOf(0.4, 200)).toBeGreaterThan(blockDaysOf(0.4, 56));
  });
});
