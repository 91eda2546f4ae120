import { describe, expect, it } from 'vitest';
import { sampleSteps } from '../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, step) => step);

describe('sampling the steps of metrics', () => {
  it('takes every n-th step and the last one', () => {
    expect(sampleSteps({ runs: [upTo(10)], maxSteps: 5 })).toEqual([0, 2, 4, 6, 8, 9]);
  });

  it('keeps the first and the last step of every run', () => {
    expect(sampleSteps({ runs: [upTo(10), upTo(20)], maxSteps: 5 })).toEqual([0, 4, 8, 9, 12, 16, 19]);
  });

  it('takes all steps of a range that fits', () => {
    expect(sampleSteps({ runs: [upTo(10)], range: { start: 2, end: 4 }, maxSteps: 5 })).toEqual([2, 3, 4]);
  });

  it('takes the last step of a range that it samples', () => {
    const range = { start: 0, end: 55 };

    expect(sampleSteps({ runs: [upTo(100)], range, maxSteps: 4 })).toEqual([0, 14, 28, 42, 55]);
  });

  it('starts at 0 where no range is given', () => {
    expect(sampleSteps({ runs: [[-2, -1, 0, 1]], maxSteps: 10 })).toEqual([0, 1]);
  });

  it('takes negative steps that a range asks for', () => {
    expect(sampleSteps({ runs: [[-2, -1, 0, 1]], range: { start: -2, end: -1 }, maxSteps: 10 })).toEqual([-2, -1]);
  });

  it('takes nothing of runs without points', () => {
    expect(sampleSteps({ runs: [[], []], maxSteps: 3 })).toEqual([]);
  });

  it('takes known steps in ascending order, each once and not many more than asked', () => {
    const runsOfSteps = fc.array(fc.array(fc.integer({ min: 0, max: 300 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runsOfSteps, fc.integer({ min: 1, max: 50 }), (runs, maxSteps) => {
        const sampled = sampleSteps({ runs, maxSteps });

        const known = new Set(runs.flat());
        expect(sampled.every((step) => known.has(step))).toBe(true);
        expect(sampled).toEqual([...new Set(sampled)].sort((a, b) => a - b));
        expect(sampled.length).toBeLessThanOrEqual(maxSteps + 1 + 2 * runs.length);
        if (known.size <= maxSteps) expect(sampled).toHaveLength(known.size);
      }),
    );
  });
});
