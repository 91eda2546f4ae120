import { logLoss } from '../statistics/log-loss.ts';
import { rootMeanSquaredError } from '../statistics/root-mean-squared-error.ts';
import type { TrainingTask } from '../training/index.ts';

/** What wrong decisions cost, in any one unit. */
export interface DecisionCosts {
  readonly falseAlarm: number;
  readonly miss: number;
}

/** Cost of deciding by the threshold that costs least if the probabilities hold: falseAlarm / (falseAlarm + miss). */
const decisionCost = (probability: number, label: number, { falseAlarm, miss }: DecisionCosts): number => {
  const acts = probability >= falseAlarm / (falseAlarm + miss);
  if (label === 1) return acts ? 0 : miss;
  return acts ? falseAlarm : 0;
};

/**
 * Loss of a day's rows as gates and alarms compare it: log loss, or the RMSE of a regression; and the mean cost of a
 * row's decision where costs are declared for a classification.
 */
export const lossesOf = (
  task: TrainingTask,
  { labels, predictions }: { readonly labels: Float64Array; readonly predictions: Float32Array },
  costs: DecisionCosts | undefined,
): { readonly loss: number; readonly cost?: number } => {
  if (task === 'regression') return { loss: rootMeanSquaredError(labels, predictions) };
  const loss = logLoss(labels, predictions);
  if (costs === undefined) return { loss };
  let sum = 0;
  for (const [row, label] of labels.entries()) sum += decisionCost(predictions[row] as number, label, costs);
  return { loss, cost: sum / labels.length };
};
