import { assert } from '../../kernel/assert.ts';
import { logGamma } from '../statistics/log-gamma.ts';

/** Units (or requests without one) that were seen under shares that did not change meanwhile. */
export interface SampleSegment {
  /** Seen by version. */
  readonly counts: readonly number[];
  /** Expected by version, in (0, 1], summing to 1. */
  readonly shares: readonly number[];
}

export interface SampleRatio {
  /** At most 1 on average at any time while the shares hold: evidence against them. Capped at 1e300. */
  readonly eValue: number;
  /** 1 / the greatest e-value that was seen; at any time below α with a probability of α at most while the shares hold. */
  readonly pValue: number;
  /** Whether it exceeds 1 / α. */
  readonly skewed: boolean;
}

/** Probability of one false alarm ever, however often one looks. */
const SAMPLE_RATIO_ALPHA = 0.001;
/** Prior observations: how near the shares a skew is looked for; smaller skews need more units anyway. */
const PRIOR_WEIGHT = 100;
const LARGEST_LOG = Math.log(1e300);

/**
 * ln of the Bayes factor of a Dirichlet prior around the shares against the shares themselves. Under them, counts being
 * multinomial, it is a martingale in the number of observations: Lindon and Malek, "Anytime-valid inference for
 * multinomial count data", NeurIPS 2022, eq. 8.
 */
const logBayesFactor = ({ counts, shares }: SampleSegment): number => {
  assert(counts.length === shares.length && counts.length > 1, 'each of the versions has a count and a share');
  const total = counts.reduce((sum, count) => sum + count, 0);
  let log = logGamma(PRIOR_WEIGHT) - logGamma(PRIOR_WEIGHT + total);
  for (const [index, count] of counts.entries()) {
    const share = shares[index] ?? 0;
    assert(share > 0 && Number.isInteger(count) && count >= 0, `count ${count} at share ${share} is a sample`);
    const prior = PRIOR_WEIGHT * share;
    log += logGamma(prior + count) - logGamma(prior) - count * Math.log(share);
  }
  return log;
};

/** ln of the e-value of all segments together: each goes on betting with what the ones before have won. */
export const sampleRatioLog = (segments: readonly SampleSegment[]): number =>
  segments.reduce((sum, segment) => sum + logBayesFactor(segment), 0);

/**
 * Whether versions get the shares that they should: a mismatch means that assignment, capture or a crash loses one
 * side's units, and nothing else that is measured can be trusted. Valid at every look (Ville's inequality).
 * @param greatestLog of earlier looks: what was an alarm once stays one.
 */
export const sampleRatio = (
  segments: readonly SampleSegment[],
  { alpha = SAMPLE_RATIO_ALPHA, greatestLog = 0 }: { readonly alpha?: number; readonly greatestLog?: number } = {},
): SampleRatio & { readonly greatestLog: number } => {
  const log = sampleRatioLog(segments);
  const greatest = Math.max(greatestLog, log);
  return {
    eValue: Math.exp(Math.min(log, LARGEST_LOG)),
    pValue: Math.min(1, Math.exp(-Math.min(greatest, LARGEST_LOG))),
    skewed: greatest >= Math.log(1 / alpha),
    greatestLog: greatest,
  };
};
