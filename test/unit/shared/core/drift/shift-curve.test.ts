import { describe, expect, it } from 'vitest';
import { codeColumns } from '../../../../../shared/core/drift/component-codes.ts';
import { normalQuantile } from '../../../../../shared/core/drift/normal-quantile.ts';
import { normalShare } from '../../../../../shared/core/drift/normal-share.ts';
import { scoreDay } from '../../../../../shared/core/drift/score-day.ts';
import { tableBins } from '../../../../../shared/core/profiles/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const EDGES = [-1.28, -0.84, -0.52, -0.25, 0, 0.25, 0.52, 0.84, 1.28];
const bins = tableBins([{ name: 'x', type: 'number', edges: EDGES }]);

/** Counts of normal rows, without chance. */
const tableOf = (mean: number, deviation: number) => {
  const upTo = [...EDGES.map((edge) => normalShare((edge - mean) / deviation)), 1];
  const counts = upTo.map((share, bin) => 1e6 * (share - (upTo[bin - 1] ?? 0)));
  return { binsId: bins.id, rowCount: 1e6, columns: [{ counts }] };
};
const codes = codeColumns(bins, tableOf(0, 1));
const scoresOf = (mean: number, deviation: number) => [...scoreDay(codes, tableOf(mean, deviation)).scores];

describe('scores of a shifted normal column', () => {
  it('have the shift as level, and a spread that the shift leaves alone', () => {
    fc.assert(
      fc.property(fc.double({ min: -2, max: 2, noNaN: true }), (shift) => {
        const [level = Number.NaN, spread = Number.NaN] = scoresOf(shift, 1);
        expect(level).toBeCloseTo(shift, 2);
        expect(spread).toBeCloseTo(0, 2);
      }),
    );
  });

  it('have a level near 0 and a spread of the right sign when only the deviation changes', () => {
    const [wideLevel = 1, wide = 0] = scoresOf(0, 1.5);
    const [, narrow = 0] = scoresOf(0, 0.7);

    expect(wideLevel).toBeCloseTo(0, 2);
    expect(wide).toBeGreaterThan(0.2);
    expect(narrow).toBeLessThan(-0.2);
  });

  it('stay within the grid for rows beyond it', () => {
    expect(scoresOf(50, 1)[0]).toBe(4);
    expect(scoresOf(-50, 1)[0]).toBe(-4);
  });
});

describe('the normal distribution', () => {
  it('has the quantiles and shares of SciPy', () => {
    // scipy.stats.norm.ppf and cdf, SciPy 1.17
    expect(normalQuantile(0.975) / 1.959963984540054 - 1).toBeLessThan(2e-9);
    expect(normalQuantile(0.001) / -3.090232306167813 - 1).toBeLessThan(2e-9);
    expect(Math.abs(normalShare(-3) - 0.0013498980316300933)).toBeLessThan(1e-7);
    expect(Math.abs(normalShare(1.96) - 0.9750021048517795)).toBeLessThan(1e-7);
  });

  it('has a share for each quantile', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (probability) => {
        expect(Math.abs(normalShare(normalQuantile(probability)) - probability)).toBeLessThan(2e-7);
      }),
    );
  });
});
