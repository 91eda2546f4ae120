import { describe, expect, it } from 'vitest';
import { lineOutcomes } from '../../../../../shared/core/judging/index.ts';

const answered = { failed: false, latencyMs: 12, cold: false, output: 0.4 };

describe('lineOutcomes', () => {
  it('counts a failure as an error and as nothing else', () => {
    const failed = { failed: true, latencyMs: 900, cold: false };

    expect(lineOutcomes(failed, { slowAboveMs: 100, outputEdges: [0.5] })).toEqual({ errors: 1 });
  });

  it('calls warm successes slow above the frozen quantile, and says nothing of cold ones', () => {
    expect(lineOutcomes(answered, { slowAboveMs: 12 })).toEqual({ errors: 0, slow: 0 });
    expect(lineOutcomes({ ...answered, latencyMs: 12.1 }, { slowAboveMs: 12 })).toEqual({ errors: 0, slow: 1 });
    expect(lineOutcomes({ ...answered, cold: true }, { slowAboveMs: 1 })).toEqual({ errors: 0 });
  });

  it('puts a prediction into one bin, an edge into the bin above it', () => {
    const bins = (output: number) => {
      const { errors: _, ...rest } = lineOutcomes({ ...answered, output }, { outputEdges: [0.2, 0.6] });
      return Object.values(rest);
    };

    expect(bins(0.1)).toEqual([1, 0, 0]);
    expect(bins(0.2)).toEqual([0, 1, 0]);
    expect(bins(0.6)).toEqual([0, 0, 1]);
  });
});
