import { describe, expect, it } from 'vitest';
import { shareDifferenceInterval } from '../../../../../shared/core/statistics/share-difference-interval.ts';
import { wilsonInterval } from '../../../../../shared/core/statistics/wilson-interval.ts';

const Z_95 = 1.959963984540054;

describe('wilsonInterval', () => {
  it('gives the values of Newcombe (1998), table I, method 3', () => {
    const published = [
      { successCount: 81, trialCount: 263, lower: 0.2553, upper: 0.3662 },
      { successCount: 15, trialCount: 148, lower: 0.0624, upper: 0.1605 },
      { successCount: 0, trialCount: 20, lower: 0, upper: 0.1611 },
      { successCount: 1, trialCount: 29, lower: 0.0061, upper: 0.1718 },
    ];

    for (const { successCount, trialCount, lower, upper } of published) {
      const interval = wilsonInterval(successCount, trialCount, Z_95);
      expect(interval.lower).toBeCloseTo(lower, 4);
      expect(interval.upper).toBeCloseTo(upper, 4);
    }
  });
});

describe('shareDifferenceInterval', () => {
  it('gives the values of Newcombe (1998), Statistics in Medicine 17:873, table II, method 10', () => {
    const published = [
      { a: [56, 70], b: [48, 80], lower: 0.0524, upper: 0.3339 },
      { a: [9, 10], b: [3, 10], lower: 0.1705, upper: 0.809 },
      { a: [10, 10], b: [0, 20], lower: 0.6791, upper: 1 },
    ] as const;

    for (const { a, b, lower, upper } of published) {
      const sample = ([successCount, trialCount]: readonly [number, number]) => ({ successCount, trialCount });
      const interval = shareDifferenceInterval(sample(a), sample(b), Z_95);
      expect(interval.lower).toBeCloseTo(lower, 4);
      expect(interval.upper).toBeCloseTo(upper, 4);
    }
  });
});
