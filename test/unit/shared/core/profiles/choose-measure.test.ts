import { describe, expect, it } from 'vitest';
import { chooseMeasure } from '../../../../../shared/core/profiles/choose-measure.ts';

describe('the measure of a column', () => {
  it.each([
    ['number', 1_000, 6, 'kolmogorov-smirnov'],
    ['number', 1_000, 5, 'chi-square'],
    ['number', 1_000, 2, 'z-test'],
    ['category', 1_000, 3, 'chi-square'],
    ['category', 1_000, 2, 'z-test'],
    ['number', 1_001, 6, 'wasserstein'],
    ['number', 1_001, 5, 'jensen-shannon'],
    ['category', 1_001, 2, 'jensen-shannon'],
    ['category', 1_001, 900, 'jensen-shannon'],
  ] as const)('of a %s with %i reference rows and %i kinds is %s', (type, referenceRows, kinds, measure) => {
    expect(chooseMeasure({ type, referenceRows, kinds })).toBe(measure);
  });
});
