import { type Interval, wilsonInterval } from './wilson-interval.ts';

export interface ShareSample {
  readonly successCount: number;
  readonly trialCount: number;
}

/**
 * Interval of the difference of two independent shares, `a − b`: Newcombe (1998), method 10 (square-and-add of the
 * two Wilson intervals).
 */
export const shareDifferenceInterval = (a: ShareSample, b: ShareSample, z: number): Interval => {
  const shareA = a.successCount / a.trialCount;
  const shareB = b.successCount / b.trialCount;
  const intervalA = wilsonInterval(a.successCount, a.trialCount, z);
  const intervalB = wilsonInterval(b.successCount, b.trialCount, z);
  const difference = shareA - shareB;
  return {
    lower: difference - Math.hypot(shareA - intervalA.lower, intervalB.upper - shareB),
    upper: difference + Math.hypot(intervalA.upper - shareA, shareB - intervalB.lower),
  };
};
