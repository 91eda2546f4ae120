import * as v from 'valibot';

/** What is known of whether retraining a model pays: written by estimate-retraining beside the run, read by pages and reports. */

/** Below `runs/<model>/<runId>/` in the artifact bucket. */
export const RETRAINING_WORTH_FILE = 'retraining-worth.json';
export const STALENESS_FILE = 'staleness.json';

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Instant = Count;
/** ± in the units of the mean; `confidence` in (0, 1). */
const Interval = v.object({ mean: v.number(), lower: v.number(), upper: v.number(), confidence: v.number() });

/** One day on which both sides were scored. */
const BackTestDay = v.object({
  /** UTC day of the event. */
  day: v.string(),
  rowCount: Count,
  /** Log loss, or the RMSE of a regression. */
  incumbentLoss: v.number(),
  /** Mean of the candidates that were trained before the day. */
  candidateLoss: v.number(),
  /** Mean cost of a row's decision in the units of `evaluation.costs`, where they are declared. */
  incumbentCost: v.optional(v.number()),
  candidateCost: v.optional(v.number()),
});

const BackTestSchema = v.object({
  /** Rows that each side learnt from: the same number. */
  rowCount: Count,
  rounds: Count,
  /** The built-in trainer stood in for the model's own image. */
  isProxy: v.boolean(),
  /** Newest knowledge in the incumbent's rows: the champion's own. */
  incumbentThroughMs: Instant,
  /** Up to when each candidate learnt, newest first; each is compared from then on. */
  candidatesThroughMs: v.array(Instant),
  days: v.array(BackTestDay),
  betterDayCount: Count,
  /** Loss that retraining saves, of one prediction: above 0 favours retraining. For the mean of the horizon's days. */
  gain: Interval,
  /** As `gain`, in the units of `evaluation.costs`. */
  costGain: v.optional(Interval),
});

/** `captured`: mean of the counted days, of which `throughDay` is the newest; `dataset`: labelled rows of the holdout. */
const PredictionsSource = v.variant('kind', [
  v.object({ kind: v.literal('declared') }),
  v.object({ kind: v.literal('captured'), dayCount: Count, throughDay: v.string() }),
  v.object({ kind: v.literal('dataset'), reason: v.string() }),
]);

/** The gain in dollars over the horizon. */
const WorthValueSchema = v.object({
  of: v.picklist(['loss', 'costs']),
  /** Dollars of one unit of it, of one prediction. */
  usdPerUnit: v.number(),
  predictionsPerDay: v.number(),
  /** Where that number is from; absent in records from before it was told. */
  predictionsFrom: v.optional(PredictionsSource),
  horizonDays: v.number(),
  gainUsd: Interval,
});

const RetrainingDecisionSchema = v.picklist(['retrain', 'wait', 'person']);

/** Quality by age of a model: how much more it loses than the freshest model does on the same days. */
export const StalenessSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  asOfMs: Instant,
  /** Rows that each of the models learnt from. */
  rowCount: Count,
  cutOffsMs: v.array(Instant),
  points: v.array(
    v.object({
      /** Days since the model's newest knowledge: from, inclusive, to, exclusive. */
      fromDays: v.number(),
      toDays: v.number(),
      dayCount: Count,
      /** Added loss of one prediction over the freshest model's; without an interval on fewer than two days. */
      addedLoss: v.number(),
      lower: v.optional(v.number()),
      upper: v.optional(v.number()),
    }),
  ),
  /** From this age on, what staleness costs a day exceeds the cost of retraining spread over the model's life. */
  paysFromDays: v.optional(v.number()),
  statement: v.string(),
});
export type Staleness = v.InferOutput<typeof StalenessSchema>;

export const RetrainingWorthSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  runId: v.string(),
  asOfMs: Instant,
  decision: RetrainingDecisionSchema,
  /** One sentence with the numbers. */
  reason: v.string(),
  /** The version in service; absent before the first. */
  champion: v.optional(v.object({ version: Count, trainedThroughMs: Instant, ageDays: v.number() })),
  /** Absent where it could not be made; `reason` says why. */
  backTest: v.optional(BackTestSchema),
  /** Absent where the definition declares no value. */
  value: v.optional(WorthValueSchema),
  /** Estimated cost of a training run, in dollars; absent where nobody knows it. */
  costUsd: v.optional(v.number()),
  /** Of the estimate itself. */
  estimateCostUsd: v.number(),
});
export type RetrainingWorth = v.InferOutput<typeof RetrainingWorthSchema>;
