import { shareDifferenceInterval } from '../statistics/share-difference-interval.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';

/** Requests a version answered during one canary step, and how many of them failed. */
export interface ServingCounts {
  readonly requestCount: number;
  readonly failureCount: number;
}

export interface CanaryEvidence {
  readonly canary: ServingCounts;
  /** Undefined while no champion serves: the canary is then judged against no failures at all. */
  readonly champion?: ServingCounts;
  /** Added share of failures that is too much, in [0, 1]. */
  readonly maxErrorShareIncrease: number;
}

export interface CanaryVerdict {
  readonly decision: 'continue' | 'roll back';
  readonly reason: string;
  /** Added share of failures, canary − champion. */
  readonly errorShareIncrease: number;
  /** One-sided 95 % lower bound of it. */
  readonly errorShareIncreaseLower: number;
}

/** Normal quantile of a one-sided 95 % bound. */
const Z_ONE_SIDED_95 = 1.6448536269514722;

/**
 * One failed request may be the infrastructure's as well as the version's (an environment that was killed), however few
 * the requests are: beside a champion that never fails, its lower bound alone would be evidence.
 */
const FEWEST_FAILURES = 2;

const increaseOf = ({ canary, champion }: CanaryEvidence): { readonly point: number; readonly lower: number } => {
  const canaryShare = canary.failureCount / canary.requestCount;
  if (champion === undefined || champion.requestCount === 0) {
    return {
      point: canaryShare,
      lower: wilsonInterval(canary.failureCount, canary.requestCount, Z_ONE_SIDED_95).lower,
    };
  }
  const sampleOf = (counts: ServingCounts) => ({ successCount: counts.failureCount, trialCount: counts.requestCount });
  return {
    point: canaryShare - champion.failureCount / champion.requestCount,
    lower: shareDifferenceInterval(sampleOf(canary), sampleOf(champion), Z_ONE_SIDED_95).lower,
  };
};

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/**
 * Judges one step of a canary at its end: rolls back when the added share of failures exceeds the budget *and* its
 * one-sided 95 % lower bound is above 0, and never for a single failed request. Without a single request
 * there is no evidence; the stated default is then to continue on the smoke test alone.
 */
export const judgeCanary = (evidence: CanaryEvidence): CanaryVerdict => {
  const { canary, maxErrorShareIncrease } = evidence;
  if (canary.requestCount === 0) {
    return {
      decision: 'continue',
      reason: 'no request reached the canary: it goes on by its smoke test alone',
      errorShareIncrease: 0,
      errorShareIncreaseLower: 0,
    };
  }
  const { point, lower } = increaseOf(evidence);
  const harmful = canary.failureCount >= FEWEST_FAILURES && point > maxErrorShareIncrease && lower > 0;
  const numbers = `${canary.failureCount} of ${canary.requestCount} canary requests failed (${percent(point)} more than the champion, at least ${percent(Math.max(0, lower))} with 95 % confidence; budget ${percent(maxErrorShareIncrease)})`;
  return {
    decision: harmful ? 'roll back' : 'continue',
    reason: numbers,
    errorShareIncrease: point,
    errorShareIncreaseLower: lower,
  };
};
