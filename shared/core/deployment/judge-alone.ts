/** Requests that a version answered, and how many of them failed. */
export interface ServingCounts {
  readonly requestCount: number;
  readonly failureCount: number;
}

/** Odds of a failure over those of the budget, and the part of the capital on each. */
const ODDS = [
  [1.5, 0.25],
  [2, 0.25],
  [4, 0.25],
  [15, 0.25],
] as const;

/** ln of the e-value against "fails at most `budget` of its requests": Wald's likelihood ratios (1945), mixed. */
const logEvidence = ({ requestCount, failureCount }: ServingCounts, budget: number): number => {
  const terms = ODDS.map(([odds, part]) => {
    const rate = (odds * budget) / (1 + (odds - 1) * budget);
    const succeeded = requestCount - failureCount;
    return Math.log(part) + failureCount * Math.log(rate / budget) + succeeded * Math.log((1 - rate) / (1 - budget));
  });
  const most = Math.max(...terms);
  return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
};

/**
 * Judges a first version, beside which nothing serves: it is aborted once it is shown to fail more of its requests than
 * the budget in (0, 1), with an error of `alpha` over all looks (Ville 1939).
 */
export const judgeAlone = (
  counts: ServingCounts,
  budget: number,
  alpha: number,
): { readonly decision: 'abort' | 'undecided'; readonly reason: string } => {
  const { requestCount, failureCount } = counts;
  const percent = Number((100 * budget).toPrecision(3));
  const seen = `${failureCount} of ${requestCount} canary requests failed`;
  const eValue = Math.exp(Math.min(700, logEvidence(counts, budget)));
  if (eValue < 1 / alpha)
    return { decision: 'undecided', reason: `${seen}; not shown to be above the budget of ${percent} %` };
  return {
    decision: 'abort',
    reason: `${seen}, shown to be above the budget of ${percent} % by an e-value of ${Number(eValue.toPrecision(3))}`,
  };
};
