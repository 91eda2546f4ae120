import * as v from 'valibot';
import { closedObject } from './closed-object.ts';
import { ScheduleExpression } from './schedule-expression.ts';

const Dollars = v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000_000));
const Days = v.pipe(v.number(), v.gtValue(0), v.maxValue(3_660));

/** `retraining.worth`: what an alarm's training is weighed by before it trains. */
const Worth = closedObject({
  /**
   * `decide`: retrains, waits or calls a person, by the estimate; `report`: the estimate is on record, and it trains;
   * `off`: nothing is estimated.
   */
  mode: v.optional(v.picklist(['decide', 'report', 'off']), 'decide'),
  /**
   * What one unit of loss (log loss, or RMSE) of one prediction is worth, in dollars. Without it and `usdPerCost`
   * no loss can be weighed against dollars: only a back-test that finds retraining harmful stops it.
   */
  usdPerLoss: v.optional(Dollars),
  /** What one unit of `evaluation.costs` is worth, in dollars: its decisions are weighed instead of the loss. */
  usdPerCost: v.optional(Dollars),
  /**
   * Predictions a day that the gain is counted on. Default: the mean of those captured on the last 28 days, as the newest
   * drift report counts them; without any the labelled rows that the holdout has a day. The estimate says which it was.
   */
  predictionsPerDay: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1_000_000_000_000))),
  /** Days over which the new version will be used: its gain is counted over them. */
  horizonDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(366)), 28),
  /** Most rows that each side of the back-test learns from. */
  maxRows: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1_000), v.maxValue(300_000)), 60_000),
});

/** When a model is trained again, and what is asked before. */
export const RetrainingDefinitionSchema = closedObject({
  schedule: v.optional(ScheduleExpression),
  onDrift: v.optional(v.boolean(), true),
  /** When its quality is found degraded (`monitors.performance`). */
  onQuality: v.optional(v.boolean(), false),
  onNewData: v.optional(v.boolean(), false),
  coolDownDays: v.optional(v.pipe(v.number(), v.minValue(0)), 14),
  /** Trains when the last training started this many days ago, whatever was its cause. Default: age alone is no cause. */
  maxAgeDays: v.optional(v.pipe(Days, v.minValue(1))),
  /**
   * Most that trainings may cost a calendar month (UTC), in dollars, by the estimates on record; above it only a person's
   * call trains. Default: no limit.
   */
  budgetPerMonth: v.optional(Dollars),
  /** What one training costs, in dollars. Default: the built-in trainer's, by the rows, rounds and leaves of the definition. */
  costPerRun: v.optional(Dollars),
  worth: v.optional(Worth, {}),
});
export type RetrainingDefinition = v.InferOutput<typeof RetrainingDefinitionSchema>;

interface RetrainedModel {
  readonly trainer: { readonly kind: string };
  readonly evaluation: { readonly costs?: unknown };
  readonly retraining: RetrainingDefinition;
}

const needsCost = ({ budgetPerMonth, worth: { usdPerLoss, usdPerCost } }: RetrainingDefinition): boolean =>
  [budgetPerMonth, usdPerLoss, usdPerCost].some((declared) => declared !== undefined);

/** Why a definition's retraining cannot be. */
export const retrainingFault = ({ trainer, evaluation, retraining }: RetrainedModel): string | undefined => {
  const { usdPerLoss, usdPerCost } = retraining.worth;
  if (usdPerLoss !== undefined && usdPerCost !== undefined)
    return 'retraining.worth has both usdPerLoss and usdPerCost: one of them says what is weighed';
  if (usdPerCost !== undefined && evaluation.costs === undefined)
    return 'retraining.worth.usdPerCost needs evaluation.costs: what wrong decisions cost';
  if (trainer.kind !== 'built-in' && retraining.costPerRun === undefined && needsCost(retraining))
    return `retraining.costPerRun is missing: what a run of a ${trainer.kind} trainer costs is not known`;
  return undefined;
};
