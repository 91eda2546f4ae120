import { areaUnderRocCurve } from '../statistics/area-under-roc-curve.ts';
import { brierScore } from '../statistics/brier-score.ts';
import { logLoss } from '../statistics/log-loss.ts';
import { rootMeanSquaredError } from '../statistics/root-mean-squared-error.ts';

export type Task = 'binary-classification' | 'regression';

/** How well predictions met their labels. */
export interface Quality {
  readonly rowCount: number;
  /** Log loss of a classification, RMSE of a regression: what gates and alarms compare. */
  readonly loss: number;
  readonly labelMean: number;
  readonly predictionMean: number;
  /** Absent while only one class has labels. */
  readonly auc?: number;
  readonly brier?: number;
}

export interface ScoredRows {
  readonly labels: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum / values.length;
};

const hasBothClasses = (labels: ArrayLike<number>): boolean => {
  for (let i = 1; i < labels.length; i += 1) if (labels[i] !== labels[0]) return true;
  return false;
};

/**
 * Measures predictions against labels.
 * @throws InvalidRequestError for an empty sample, unequal lengths, or values that the task does not allow.
 */
export const measureQuality = (task: Task, { labels, predictions }: ScoredRows): Quality => {
  const loss = (task === 'regression' ? rootMeanSquaredError : logLoss)(labels, predictions);
  const common = {
    rowCount: labels.length,
    loss,
    labelMean: meanOf(labels),
    predictionMean: meanOf(predictions),
  };
  if (task === 'regression') return common;
  const brier = brierScore(labels, predictions);
  return hasBothClasses(labels)
    ? { ...common, brier, auc: areaUnderRocCurve(labels, predictions) }
    : { ...common, brier };
};
