import {
  compareDaily,
  type DailyComparison,
  type DailyQuality,
  dailyQuality,
  type EvaluationRows,
} from './daily-comparison.ts';
import { measureQuality, type Quality, type Task } from './quality.ts';

export interface GatePolicy {
  /** How much the candidate's mean daily loss may exceed the champion's. */
  readonly margin: number;
  /** Smallest gain over the base rate's loss, as a share of it. */
  readonly minGainOverBaseline: number;
  readonly minAuc?: number | undefined;
}

type GateRule = 'gain-over-baseline' | 'auc' | 'champion';

interface GateFinding {
  readonly rule: GateRule;
  readonly passed: boolean;
  readonly value: number;
  readonly limit: number;
  /** The finding as a sentence, with its numbers. */
  readonly message: string;
}

interface ModelEvaluation {
  readonly quality: Quality;
  readonly days: readonly DailyQuality[];
}

export interface EvaluationReport {
  readonly schemaVersion: 1;
  readonly task: Task;
  readonly passed: boolean;
  readonly findings: readonly GateFinding[];
  readonly candidate: ModelEvaluation;
  readonly champion?: ModelEvaluation;
  readonly comparison?: DailyComparison;
  /** Loss of always answering the training rows' mean label. */
  readonly baseline: { readonly prediction: number; readonly loss: number };
}

const format = (value: number): string => (Object.is(value, -0) ? 0 : value).toPrecision(4);

const baselineFinding = (loss: number, baselineLoss: number, limit: number): GateFinding => {
  // A baseline without loss cannot be improved on; saying so beats dividing by zero.
  const value = baselineLoss > 0 ? (baselineLoss - loss) / baselineLoss : 0;
  const passed = value >= limit;
  const message = `the candidate's loss ${format(loss)} must be lower than the base rate's ${format(baselineLoss)} by a share of at least ${limit}, got ${format(value)}`;
  return { rule: 'gain-over-baseline', passed, value, limit, message };
};

const aucFinding = (auc: number | undefined, limit: number): GateFinding => {
  const value = auc ?? 0;
  const got = auc === undefined ? 'none, as the holdout has one class only' : format(auc);
  return {
    rule: 'auc',
    passed: auc !== undefined && auc >= limit,
    value,
    limit,
    message: `the candidate's area under the ROC curve must be at least ${limit}, got ${got}`,
  };
};

const championFinding = (comparison: DailyComparison, margin: number): GateFinding => {
  const { meanDifference, interval, betterDayCount, dayCount, verdict } = comparison;
  const evidence = interval
    ? `95 % interval over days ${format(interval.lower)} to ${format(interval.upper)}, ${verdict}`
    : 'too few days for an interval';
  return {
    rule: 'champion',
    passed: meanDifference <= margin,
    value: meanDifference,
    limit: margin,
    message: `the candidate's mean daily loss may exceed the champion's by at most ${margin}, got ${format(meanDifference)} (${evidence}; better on ${betterDayCount} of ${dayCount} days)`,
  };
};

/**
 * Judges a candidate on the holdout. It passes when all hold:
 * - its loss is below the base rate's by `minGainOverBaseline` of it (the base rate is the mean label of the rows it
 *   was trained on, answered for every row of the holdout);
 * - its AUC is at least `minAuc`, if given;
 * - with a champion: the mean over days of (its loss − the champion's loss on the same rows) is at most `margin`. The
 *   rule looks at the point estimate, so that a short holdout cannot hide harm in a wide interval; the day-level 95 %
 *   interval is reported beside it.
 * Refusal is an outcome, not an error.
 * @throws InvalidRequestError for an empty holdout or values that the task does not allow.
 */
export const evaluateCandidate = ({
  task,
  rows,
  candidate,
  champion,
  trainingLabelMean,
  policy,
}: {
  readonly task: Task;
  readonly rows: EvaluationRows;
  /** The candidate's prediction for each row. */
  readonly candidate: ArrayLike<number>;
  /** The champion's prediction for each row. */
  readonly champion?: ArrayLike<number> | undefined;
  readonly trainingLabelMean: number;
  readonly policy: GatePolicy;
}): EvaluationReport => {
  const evaluate = (predictions: ArrayLike<number>): ModelEvaluation => ({
    quality: measureQuality(task, { labels: rows.labels, predictions }),
    days: dailyQuality(task, rows, predictions),
  });
  const candidateEvaluation = evaluate(candidate);
  const championEvaluation = champion && evaluate(champion);
  const comparison = championEvaluation && compareDaily(candidateEvaluation.days, championEvaluation.days);
  const constant = new Float64Array(rows.labels.length).fill(trainingLabelMean);
  const baselineLoss = measureQuality(task, { labels: rows.labels, predictions: constant }).loss;
  const { minAuc, minGainOverBaseline, margin } = policy;
  const findings = [
    baselineFinding(candidateEvaluation.quality.loss, baselineLoss, minGainOverBaseline),
    ...(minAuc === undefined ? [] : [aucFinding(candidateEvaluation.quality.auc, minAuc)]),
    ...(comparison ? [championFinding(comparison, margin)] : []),
  ];
  return {
    schemaVersion: 1,
    task,
    passed: findings.every(({ passed }) => passed),
    findings,
    candidate: candidateEvaluation,
    ...(championEvaluation && comparison ? { champion: championEvaluation, comparison } : {}),
    baseline: { prediction: trainingLabelMean, loss: baselineLoss },
  };
};
