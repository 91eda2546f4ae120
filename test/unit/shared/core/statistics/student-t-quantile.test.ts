import { describe, expect, it } from 'vitest';
import { studentTQuantile } from '../../../../../shared/core/statistics/student-t-quantile.ts';
import reference from '../../../../reference/statistics/reference.json' with { type: 'json' };

describe("the quantile of Student's t distribution", () => {
  it.each(reference.studentTQuantile)('is that of scipy at $probability with $degreesOfFreedom degrees', (expected) => {
    const quantile = studentTQuantile(expected.probability, expected.degreesOfFreedom);

    expect(Math.abs(quantile / expected.value - 1)).toBeLessThan(1e-9);
  });

  it('is zero in the middle', () => {
    expect(studentTQuantile(0.5, 3)).toBe(0);
  });

  it('refuses a probability that no quantile has', () => {
    expect(() => studentTQuantile(1, 3)).toThrow('0 < p < 1');
  });
});
