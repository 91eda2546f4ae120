import { describe, expect, it } from 'vitest';
import { estimateTraining, trainingRefusal } from '../../../../../shared/core/training/index.ts';

const settings = { rounds: 200, maxLeaves: 31 };
const usual = estimateTraining({ rowCount: 300_000, featureCount: 12, settings });
const lambda = { memoryLimitMb: 3_008, timeLimitSeconds: 900 };

describe('estimateTraining', () => {
  it('agrees with the runs it was measured by', () => {
    // [rows, features, leaves, milliseconds a round]
    const measured = [
      [300_000, 12, 7, 28],
      [300_000, 12, 31, 43],
      [300_000, 12, 255, 107],
      [300_000, 48, 31, 172],
      [1_000_000, 12, 31, 190],
      [30_000, 12, 255, 15],
    ] as const;

    for (const [rowCount, featureCount, maxLeaves, milliseconds] of measured) {
      const secondsOf = (rounds: number): number =>
        estimateTraining({ rowCount, featureCount, settings: { rounds, maxLeaves } }).seconds;
      const ratio = ((secondsOf(2) - secondsOf(1)) * 1_000) / milliseconds;

      expect(ratio, `${rowCount} rows, ${featureCount} features, ${maxLeaves} leaves`).toBeGreaterThan(0.8);
      expect(ratio).toBeLessThan(1.25);
    }
  });

  it('counts more memory for text than for numbers', () => {
    const withText = estimateTraining({ rowCount: 300_000, featureCount: 12, categoryFeatureCount: 2, settings });

    expect(withText.memoryMb - usual.memoryMb).toBeCloseTo((300_000 * 80) / 2 ** 20, 6);
  });
});

describe('trainingRefusal', () => {
  it('lets the usual training start', () => {
    expect(trainingRefusal(usual, lambda)).toBeUndefined();
  });

  it('refuses what the memory cannot hold, with both numbers', () => {
    const large = estimateTraining({ rowCount: 10_000_000, featureCount: 100, settings: { rounds: 1, maxLeaves: 2 } });

    expect(trainingRefusal(large, { ...lambda, memoryLimitMb: 10_240 })).toMatch(
      /^training needs about \d+ MB, the function has 10240 MB: lower maxRows, rounds or maxLeaves/,
    );
  });

  it('refuses what may outlast the function, sooner where less memory gives less of a core', () => {
    const half = { memoryLimitMb: 1_769 / 2, timeLimitSeconds: 900 };
    const long = { memoryMb: 500, seconds: 300 };

    expect(trainingRefusal(long, lambda)).toBeUndefined();
    expect(trainingRefusal(long, half)).toContain('training may need 1260 s, the function has 900 s');
    expect(trainingRefusal(long, { ...lambda, timeLimitSeconds: 659 })).toContain('may need 660 s');
  });
});
