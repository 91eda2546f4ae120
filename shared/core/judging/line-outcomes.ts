/** What a captured request shows of its version. */
export interface AnsweredRequest {
  readonly failed: boolean;
  readonly latencyMs: number;
  /** Among the first of its environment: its latency is the environment's. */
  readonly cold: boolean;
  /** Probability of the positive class, or the predicted value; absent of a request that failed. */
  readonly output?: number;
}

export interface OutcomeScales {
  /** The champion's 99th percentile of warm latency, frozen before the canary. */
  readonly slowAboveMs?: number;
  /** Edges between which predictions are told apart, rising, frozen before the canary. */
  readonly outputEdges?: readonly number[];
}

/** Metric of the predictions at or above the edge before `place` and below the edge at it. */
export const outputBinMetric = (place: number): string => `predictions in bin ${place}`;

/**
 * Outcomes in [0, 1] of one request: `errors` always; `slow` of a warm success; and for every bin of predictions whether
 * its output lies there. What only some requests have (slow, bins) is to be judged as 'observed'.
 */
export const lineOutcomes = (
  { failed, latencyMs, cold, output }: AnsweredRequest,
  { slowAboveMs, outputEdges }: OutcomeScales,
): Readonly<Record<string, number>> => {
  const outcomes: Record<string, number> = { errors: failed ? 1 : 0 };
  if (slowAboveMs !== undefined && !failed && !cold) outcomes.slow = latencyMs > slowAboveMs ? 1 : 0;
  if (outputEdges !== undefined && !failed && output !== undefined) {
    const place = outputEdges.filter((edge) => output >= edge).length;
    for (let i = 0; i <= outputEdges.length; i += 1) outcomes[outputBinMetric(i)] = i === place ? 1 : 0;
  }
  return outcomes;
};
