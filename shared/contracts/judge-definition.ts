import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** `deployment.judge`: by what a canary is judged, and when it is looked at. */

const Name = v.pipe(
  v.string(),
  v.maxLength(32),
  v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: lower-case letters, digits and single hyphens'),
  v.check((name) => name !== 'all', 'must not be "all", which is the whole traffic'),
);
const Between0And1 = v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.ltValue(1, 'must be below 1'));
const Tolerated = v.pipe(v.number(), v.minValue(0), v.ltValue(1, 'must be below 1'));
/** Beside those of the others: 2 gets twice the share of alpha that 1 gets. */
const Weight = v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.maxValue(1_000));

const EFFECT = {
  /** Absolute worsening that matters: it is found soonest. Default: all sizes are looked for alike. */
  smallestHarm: v.optional(Between0And1),
  /** Its part of alpha. @default 1 */
  weight: v.optional(Weight, 1),
};

const Errors = closedObject({
  /** Largest added share of failed requests that is promoted. Default: `maxErrorShareIncrease`. */
  margin: v.optional(Between0And1),
  /** Added share of failed requests that aborts no canary. */
  tolerated: v.optional(Tolerated, 0),
  ...EFFECT,
});

const Slowness = closedObject({
  /** Largest added share of slow answers that is promoted; slow is above the champion's p99 before the rollout. */
  margin: Between0And1,
  /** Added share of slow answers that aborts no canary: code that is new to its environment is slow at first. */
  tolerated: v.optional(Tolerated, 0.02),
  ...EFFECT,
});

const Prediction = closedObject({
  /** Largest shift of the mean prediction, either way, that is promoted; of a regression as a share of the scale. */
  margin: Between0And1,
  /** Predictions of a regression that count as 0 and as 1; what is outside is taken for the nearer. */
  scale: v.optional(
    v.pipe(
      v.tuple([v.number(), v.number()]),
      v.check(([low, high]) => low < high, 'must be a low number and a higher one'),
    ),
  ),
  /** Shift that aborts no canary. */
  tolerated: v.optional(Tolerated, 0),
  ...EFFECT,
});

const FeatureName = v.pipe(v.string(), v.maxLength(64));
const FeatureValue = v.union([v.number(), v.string()]);

/** Rows of one value of a feature, of several, or of a range of a number. */
export const SliceConditionSchema = v.pipe(
  closedObject({
    feature: FeatureName,
    equals: v.optional(FeatureValue),
    in: v.optional(v.pipe(v.array(FeatureValue), v.minLength(1), v.maxLength(100))),
    /** Included. */
    from: v.optional(v.number()),
    /** Excluded. */
    below: v.optional(v.number()),
  }),
  v.check(
    ({ equals, in: values, from, below }) =>
      [equals, values, from ?? below].filter((one) => one !== undefined).length === 1,
    'must have one of equals, in, or from and below',
  ),
);

const MOST_SLICES = 20;

export const SlicesSchema = v.pipe(
  v.array(closedObject({ name: Name, where: SliceConditionSchema, weight: v.optional(Weight, 1) })),
  v.maxLength(MOST_SLICES, `must be at most ${MOST_SLICES} slices`),
  v.check((slices) => new Set(slices.map(({ name }) => name)).size === slices.length, 'must not repeat a name'),
);

const Minutes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(28 * 24 * 60));

export const JudgeDefinitionSchema = closedObject({
  errors: v.optional(Errors, {}),
  /** Default: slowness is not judged. */
  slowness: v.optional(Slowness),
  /** Default: the distribution of predictions is not judged. */
  prediction: v.optional(Prediction),
  /** Parts of the traffic in which slowness and predictions are judged too. */
  slices: v.optional(SlicesSchema, []),
  /** Chance that a canary which is no worse is ever aborted, and that one which is worse by a margin is promoted. */
  alpha: v.optional(v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.maxValue(0.5, 'must be at most 0.5')), 0.05),
  /** Time between two looks. Default: a ninety-sixth of a step, from 5 to 30 minutes and never more than the step. */
  lookMinutes: v.optional(Minutes),
  /** From the first traffic until `atDeadline` is done. Default: the time of all steps. */
  deadlineMinutes: v.optional(Minutes),
  /** What follows when neither harm nor its absence was shown in time. */
  atDeadline: v.optional(v.picklist(['promote', 'roll back', 'hold']), 'promote'),
  /** Canary units below which no evidence promotes. */
  fewestUnits: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000_000)), 50),
});

type JudgeDefinition = v.InferOutput<typeof JudgeDefinitionSchema>;

interface JudgedModel {
  readonly task: 'binary-classification' | 'regression';
  readonly features: readonly { readonly name: string; readonly type: 'number' | 'category' }[];
  readonly deployment: {
    readonly canarySteps: readonly number[];
    readonly bakeMinutes: number;
    readonly maxErrorShareIncrease: number;
    readonly judge?: JudgeDefinition | undefined;
  };
}

/** An execution has 25,000 events of history; a look takes nine. */
const MOST_LOOKS = 1_000;

interface Effects {
  readonly margin?: number | undefined;
  readonly tolerated: number;
  readonly smallestHarm?: number | undefined;
}

const effectFault = (name: string, { margin = 1, tolerated, smallestHarm = 1 }: Effects): string | undefined => {
  if (tolerated > margin) return `${name}.tolerated must be at most its margin, ${margin}, got ${tolerated}`;
  return smallestHarm <= tolerated
    ? `${name}.smallestHarm must be above its tolerated, ${tolerated}, got ${smallestHarm}`
    : undefined;
};

const effectFaults = ({ deployment }: JudgedModel, { errors, slowness, prediction }: JudgeDefinition) => [
  effectFault('errors', { ...errors, margin: errors.margin ?? deployment.maxErrorShareIncrease }),
  ...(slowness === undefined ? [] : [effectFault('slowness', slowness)]),
  ...(prediction === undefined ? [] : [effectFault('prediction', prediction)]),
];

const sliceFault = ({ features }: JudgedModel, slice: JudgeDefinition['slices'][number]): string | undefined => {
  const { feature, equals, in: values = [], from, below } = slice.where;
  const found = features.find(({ name }) => name === feature);
  if (found === undefined) return `slice ${slice.name} is of ${feature}, which is no feature of the model`;
  const wanted = found.type === 'number' ? 'number' : 'string';
  const odd = [...(equals === undefined ? [] : [equals]), ...values].find((value) => typeof value !== wanted);
  if (odd !== undefined)
    return `slice ${slice.name} asks for ${JSON.stringify(odd)}, but ${feature} is a ${found.type}`;
  if (wanted === 'string' && (from ?? below) !== undefined)
    return `slice ${slice.name} asks for a range, but ${feature} is a category`;
  return from !== undefined && below !== undefined && from >= below
    ? `slice ${slice.name} has a from that is not below its below`
    : undefined;
};

const timingFault = (deployment: JudgedModel['deployment'], judge: JudgeDefinition): string | undefined => {
  const { canarySteps, bakeMinutes } = deployment;
  const stepsMinutes = bakeMinutes * canarySteps.filter((weight) => weight < 1).length;
  const { lookMinutes, deadlineMinutes = stepsMinutes } = judge;
  if (deadlineMinutes < stepsMinutes)
    return `deadlineMinutes must be at least the time of all steps, ${stepsMinutes}, got ${deadlineMinutes}`;
  if (lookMinutes === undefined) return undefined;
  if (lookMinutes > bakeMinutes) return `lookMinutes must be at most bakeMinutes, ${bakeMinutes}, got ${lookMinutes}`;
  return deadlineMinutes / lookMinutes > MOST_LOOKS
    ? `lookMinutes must leave at most ${MOST_LOOKS} looks until the deadline after ${deadlineMinutes} minutes, got ${lookMinutes}`
    : undefined;
};

/** Why a definition's judge cannot be. */
export const judgeFault = (model: JudgedModel): string | undefined => {
  const { judge } = model.deployment;
  if (judge === undefined) return undefined;
  const { slowness, prediction, slices } = judge;
  if (slices.length > 0 && slowness === undefined && prediction === undefined)
    return 'deployment.judge.slices needs slowness or prediction: of a request that failed, no features are captured';
  if (model.task === 'regression' && prediction !== undefined && prediction.scale === undefined)
    return 'deployment.judge.prediction of a regression needs scale: the predictions that count as 0 and as 1';
  const faults = [
    timingFault(model.deployment, judge),
    ...effectFaults(model, judge),
    ...slices.map((slice) => sliceFault(model, slice)),
  ];
  const fault = faults.find((one) => one !== undefined);
  return fault === undefined ? undefined : `deployment.judge: ${fault}`;
};
