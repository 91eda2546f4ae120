import { expect, it } from 'vitest';
import { logGamma } from '../../../../../shared/core/statistics/log-gamma.ts';

it('is ln of factorials and of half-integers’ values, to 1e-12', () => {
  expect(logGamma(1)).toBeCloseTo(0, 12);
  expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
  expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 12);
  expect(logGamma(101) / 363.739_375_555_563_5).toBeCloseTo(1, 12);
});

it('grows by ln x from x to x + 1', () => {
  for (const x of [0.3, 1, 7.5, 123.25, 98_765]) {
    expect(logGamma(x + 1) - logGamma(x)).toBeCloseTo(Math.log(x), 7);
  }
});
