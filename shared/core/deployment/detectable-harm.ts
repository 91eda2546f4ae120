import { judgeCanary } from './judge-canary.ts';

/** P(X ≥ k) of a binomial variable, by summing the shorter tail term by term in logs. */
const binomialTail = (trialCount: number, probability: number, k: number): number => {
  let logTerm = trialCount * Math.log1p(-probability);
  let below = 0;
  for (let i = 0; i < k; i += 1) {
    below += Math.exp(logTerm);
    logTerm += Math.log((trialCount - i) / (i + 1)) + Math.log(probability / (1 - probability));
  }
  return Math.max(0, 1 - below);
};

const smallestRollbackCount = (requestCount: number, championRequestCount: number, budget: number): number => {
  for (let failureCount = 1; failureCount <= requestCount; failureCount += 1) {
    const { decision } = judgeCanary({
      canary: { requestCount, failureCount },
      champion: { requestCount: championRequestCount, failureCount: 0 },
      maxErrorShareIncrease: budget,
    });
    if (decision === 'roll back') return failureCount;
  }
  return requestCount + 1;
};

/**
 * The smallest added share of failures that one canary step catches with 80 % probability, for a champion that does
 * not fail, in steps of half a point; 1 when no harm would be caught. It tells a person what a canary at this
 * traffic can and cannot see.
 */
export const detectableHarm = (step: {
  readonly canaryRequestCount: number;
  readonly championRequestCount: number;
  readonly maxErrorShareIncrease: number;
}): number => {
  const { canaryRequestCount, championRequestCount, maxErrorShareIncrease } = step;
  if (canaryRequestCount === 0) return 1;
  const needed = smallestRollbackCount(canaryRequestCount, championRequestCount, maxErrorShareIncrease);
  for (let harm = 0.005; harm < 0.9999; harm += 0.005) {
    if (binomialTail(canaryRequestCount, harm, needed) >= 0.8) return Math.round(harm * 1000) / 1000;
  }
  return 1;
};
