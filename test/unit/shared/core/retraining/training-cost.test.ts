import { describe, expect, it } from 'vitest';
import prices from '../../../../../infra/commands/prices.json' with { type: 'json' };
import { LAMBDA_USD_PER_GB_SECOND, trainingCostUsd } from '../../../../../shared/core/retraining/training-cost.ts';
import { fc } from '../../../../helpers/properties.ts';

const table = { rowCount: 300_000, featureCount: 12, categoryFeatureCount: 0 };
const settings = { rounds: 200, maxLeaves: 31 };

describe('trainingCostUsd', () => {
  it('reckons with the price that the idle stage is priced with', () => {
    expect(LAMBDA_USD_PER_GB_SECOND).toBe(prices.lambdaGigabyteSecond);
  });

  it('is cents for the built-in trainer on as many rows as it takes by default', () => {
    expect(trainingCostUsd({ ...table, settings })).toBeCloseTo(0.0152, 3);
  });

  it('is what is declared, and unknown for an image where nothing is', () => {
    expect(trainingCostUsd({ ...table, settings, costPerRun: 7 })).toBe(7);
    expect(trainingCostUsd(table)).toBeUndefined();
  });

  it('grows with rows and rounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 1, max: 1_000 }), (rowCount, rounds) => {
        const cost = (rows: number, more: number): number =>
          trainingCostUsd({ ...table, rowCount: rows, settings: { ...settings, rounds: more } }) ?? 0;
        expect(cost(rowCount + 1_000, rounds)).toBeGreaterThan(cost(rowCount, rounds));
        expect(cost(rowCount + 1, rounds + 1)).toBeGreaterThan(cost(rowCount + 1, rounds));
      }),
    );
  });
});
