import { describe, expect, it } from 'vitest';
import { durbinProbability } from '../../../../../shared/core/statistics/durbin-probability.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';

describe("Durbin's matrix", () => {
  it('gives the value that Marsaglia, Tsang and Wang print', () => {
    expect(relativeError(durbinProbability(10, 0.274), 0.628_479_615_456_504_3)).toBeLessThan(1e-13);
  });

  it('gives the closed form of few rows: n!(2x − 1/n)ⁿ up to x = 1/n', () => {
    expect(durbinProbability(3, 0.25)).toBeCloseTo(6 * (0.5 - 1 / 3) ** 3, 14);
  });
});
