import { describe, expect, it } from 'vitest';
import { pairedLosses } from '../../../../../shared/core/deployment/index.ts';
import { logLoss } from '../../../../../shared/core/statistics/log-loss.ts';

describe('the losses of a day', () => {
  it('are the log losses of both versions on the same rows', () => {
    const pairs = [
      { challenger: 0.9, champion: 0.8, label: 1 },
      { challenger: 0.2, champion: 0.4, label: 0 },
      { challenger: 0, champion: 1, label: 1 },
    ];

    const losses = pairedLosses('binary-classification', pairs);

    const of = (version: 'challenger' | 'champion') =>
      logLoss(
        pairs.map(({ label }) => label),
        pairs.map((pair) => pair[version]),
      );
    expect(losses.rowCount).toBe(3);
    expect(losses.challengerLoss).toBeCloseTo(of('challenger'), 12);
    expect(losses.championLoss).toBeCloseTo(of('champion'), 12);
    expect(losses.meanDifference).toBeCloseTo(of('challenger') - of('champion'), 12);
    expect(losses.sumOfSquares).toBeCloseTo(
      Math.log(0.9 / 0.8) ** 2 + Math.log(0.8 / 0.6) ** 2 + (52 * Math.LN2) ** 2,
      6,
    );
  });

  it('of a regression are squared errors', () => {
    const losses = pairedLosses('regression', [{ challenger: 12, champion: 13, label: 10 }]);

    expect(losses).toEqual({ rowCount: 1, meanDifference: -5, sumOfSquares: 25, championLoss: 9, challengerLoss: 4 });
  });

  it('of no row are none', () => {
    expect(pairedLosses('regression', [])).toMatchObject({ rowCount: 0, meanDifference: 0, championLoss: 0 });
  });
});
