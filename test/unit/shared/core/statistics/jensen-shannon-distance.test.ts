import { describe, expect, it } from 'vitest';
import { jensenShannonDistance } from '../../../../../shared/core/statistics/jensen-shannon-distance.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

describe('the Jensen–Shannon distance', () => {
  it.each(reference.histograms)('is that of scipy, to either base', ({ reference: r, current, ...expected }) => {
    expect(relativeError(jensenShannonDistance(r, current), expected.jensenShannon2)).toBeLessThan(1e-9);
    expect(relativeError(jensenShannonDistance(r, current, { base: Math.E }), expected.jensenShannonE)).toBeLessThan(
      1e-9,
    );
  });

  it('follows its closed form on two bins, 0 on itself and 1 on bins apart', () => {
    const divergence = (0.5 * Math.log2(0.5 / 0.375) + 0.5 * Math.log2(0.5 / 0.625)) / 2;
    const other = (0.25 * Math.log2(0.25 / 0.375) + 0.75 * Math.log2(0.75 / 0.625)) / 2;

    expect(jensenShannonDistance([5, 5], [1, 3])).toBeCloseTo(Math.sqrt(divergence + other), 12);
    expect(jensenShannonDistance([3, 4, 0], [3, 4, 0])).toBe(0);
    expect(jensenShannonDistance([2, 0], [0, 9])).toBe(1);
  });

  it('refuses a side without rows', () => {
    expect(() => jensenShannonDistance([0], [1])).toThrow('rows on both sides');
  });
});
