import { describe, expect, it } from 'vitest';
import {
  kolmogorovSmirnov,
  kolmogorovSmirnovPValue,
} from '../../../../../shared/core/statistics/kolmogorov-smirnov.ts';
import { kolmogorovTail } from '../../../../../shared/core/statistics/kolmogorov-tail.ts';
import { fc } from '../../../../helpers/properties.ts';
import { relativeError } from '../../../../helpers/relative-error.ts';
import reference from '../../../../reference/drift-measures/reference.json' with { type: 'json' };

const sorted = (values: readonly number[]) => ({ values: Float64Array.from(values).sort() });
const sample = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 30 });

describe('the Kolmogorov–Smirnov distance', () => {
  it.each(reference.samples)('and its p-values are those of scipy: $name', ({ a, b, ...expected }) => {
    const statistic = kolmogorovSmirnov(sorted(a), sorted(b));
    const counts = { statistic, countA: a.length, countB: b.length };

    expect(relativeError(statistic, expected.statistic)).toBeLessThan(1e-9);
    expect(relativeError(kolmogorovSmirnovPValue(counts), expected.exact)).toBeLessThan(1e-9);
    const asymptotic = kolmogorovSmirnovPValue({ ...counts, method: 'asymptotic' });
    expect(relativeError(asymptotic, expected.asymptotic)).toBeLessThan(1e-6);
  });

  it('takes weights for repeated rows', () => {
    const { a, b, weightsA, weightsB, statistic } = reference.weighted;

    const weighted = kolmogorovSmirnov(
      { ...sorted(a), weights: Float64Array.from(weightsA) },
      { ...sorted(b), weights: Float64Array.from(weightsB) },
    );

    expect(relativeError(weighted, statistic)).toBeLessThan(1e-9);
  });

  it('is 0 for a sample and itself, symmetric, and 1 for samples apart', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(kolmogorovSmirnov(sorted(a), sorted(a))).toBe(0);
        expect(kolmogorovSmirnov(sorted(a), sorted(b))).toBe(kolmogorovSmirnov(sorted(b), sorted(a)));
        expect(kolmogorovSmirnov(sorted(a), sorted(b.map((value) => value + 100)))).toBe(1);
      }),
    );
  });

  it('takes the asymptotic p-value above 10,000 rows a side', () => {
    const large = { statistic: 0.02, countA: 10_001, countB: 9_000 };

    expect(kolmogorovSmirnovPValue(large)).toBe(kolmogorovSmirnovPValue({ ...large, method: 'asymptotic' }));
  });

  it('rounds the rows of the asymptotic p-value half to even, as scipy does, and to one at least', () => {
    const asymptotic = (statistic: number, rows: number): number =>
      kolmogorovSmirnovPValue({ statistic, countA: rows, countB: rows, method: 'asymptotic' });

    expect(asymptotic(0.6, 5)).toBe(kolmogorovTail(0.6, 2));
    expect(asymptotic(0.6, 3)).toBe(kolmogorovTail(0.6, 2));
    expect(asymptotic(0.75, 1)).toBe(kolmogorovTail(0.75, 1));
  });

  it('refuses values without an order', () => {
    expect(() => kolmogorovSmirnov({ values: Float64Array.of(2, 1, 3) }, sorted([1]))).toThrow('ascending');
    expect(() => kolmogorovSmirnov({ values: Float64Array.of(1, Number.NaN) }, sorted([1]))).toThrow('finite');
    expect(() => kolmogorovSmirnov(sorted([]), sorted([1]))).toThrow('both sides');
  });
});
