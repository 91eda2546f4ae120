import { describe, expect, it } from 'vitest';
import { decodeGroundTruth } from '../../../../../shared/core/inference/index.ts';

describe('decodeGroundTruth', () => {
  const limits = { task: 'binary-classification', nowMs: 1_000_000_000_000 } as const;

  it('takes one label or many', () => {
    const body = {
      labels: [
        { predictionId: 'a', label: 1, knownAt: '2001-02-01T00:00:00Z' },
        { predictionId: 'b', label: 0 },
      ],
    };

    expect(decodeGroundTruth(body, limits)).toEqual([
      { predictionId: 'a', label: 1, knownAtMs: 980_985_600_000 },
      { predictionId: 'b', label: 0, knownAtMs: 1_000_000_000_000 },
    ]);
  });

  it('takes what a caller whose clock is ahead knows as known now', () => {
    const body = { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:40Z' };

    expect(decodeGroundTruth(body, limits)).toEqual([{ predictionId: 'a', label: 1, knownAtMs: 1_000_000_000_000 }]);
  });

  it.each([
    ['a share as a class', { predictionId: 'a', label: 0.5 }, /label must be 0 or 1, got 0\.5/],
    ['text', { predictionId: 'a', label: 'late' }, /got "late"/],
    ['the future', { predictionId: 'a', label: 1, knownAt: '2101-01-01T00:00:00Z' }, /not in the future/],
    ['more than five minutes ahead', { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:41Z' }, /future/],
    ['no id', { label: 1 }, /predictionId must be/],
    ['an empty list', { labels: [] }, /list of 1 to 500, got 0/],
  ])('refuses %s', (_name, body, message) => {
    expect(() => decodeGroundTruth(body, limits)).toThrow(message);
  });
});
