import { describe, expect, it } from 'vitest';
import { ownFailures, replayReasons } from '../../../../../shared/core/deployment/index.ts';

const part = { slice: 'all', rowCount: 200, meanDifference: -0.05, largestDifference: 0.6, changedShare: 0.25 };
const sound = { comparableCount: 200, failureCount: 0, parts: [part] };

describe('a challenger that answered captured inputs', () => {
  it('goes on by default however its answers differ', () => {
    expect(replayReasons(sound, { maxFailureShare: 0 })).toEqual([]);
  });

  it('is refused for one failure more than allowed', () => {
    const findings = { ...sound, failureCount: 2 };

    expect(replayReasons(findings, { maxFailureShare: 0.01 })).toEqual([]);
    expect(replayReasons({ ...findings, failureCount: 3 }, { maxFailureShare: 0.01 })).toEqual([
      'it fails on 3 of 200 captured inputs that were answered before, allowed are 1 %',
    ]);
  });

  it('is not refused for failures where nothing could be asked', () => {
    expect(replayReasons({ comparableCount: 0, failureCount: 0, parts: [] }, { maxFailureShare: 0 })).toEqual([]);
  });

  it('is refused by each declared limit, of all rows and of a slice, with the numbers', () => {
    const findings = {
      ...sound,
      parts: [part, { ...part, slice: 'hub', rowCount: 20, meanDifference: 0.01, changedShare: 0.5 }],
      latency: { challengerMs: 0.31, championMs: 0.1 },
    };
    const limits = { maxFailureShare: 0, maxMeanShift: 0.04, maxChangedShare: 0.3, maxSlowdown: 3 };

    expect(replayReasons(findings, limits)).toEqual([
      'the mean prediction moved by -0.05 over 200 captured inputs, allowed is 0.04',
      '50 % of the predictions of slice hub changed over 20 captured inputs, allowed are 30 %',
      'a row takes 0.31 ms, the champion’s 0.1 ms: more than 3 times as long',
    ]);
    expect(replayReasons(findings, { ...limits, maxMeanShift: 0.06, maxChangedShare: 0.5, maxSlowdown: 4 })).toEqual(
      [],
    );
  });

  it('is not to blame for a row that the champion fails on too', () => {
    expect(ownFailures(['failed', 'failed', 1, 'not comparable'], ['failed', 1, 'failed', 1])).toBe(1);
    expect(ownFailures(['failed', 'failed', 1], undefined)).toBe(2);
  });
});
