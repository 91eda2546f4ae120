import * as v from 'valibot';
import { closedObject } from './closed-object.ts';
import { SlicesSchema } from './judge-definition.ts';
import { CLASSIFICATION_METRICS, MODEL_METRICS } from './performance-report.ts';

/** `monitors.performance`: how quality is measured once labels come, and what is expected before. */

const Name = v.pipe(
  v.string(),
  v.maxLength(32),
  v.regex(
    /^[a-z][a-z0-9]*([-_][a-z0-9]+)*$/,
    'must be lower-case letters and digits, with single hyphens or underscores',
  ),
);
const Days = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const WholeNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000));
const Between0And1 = v.pipe(v.number(), v.gtValue(0, 'must be above 0'), v.ltValue(1, 'must be below 1'));
const REPEATED = 'must not repeat a name';

const Limit = v.pipe(
  closedObject({
    metric: v.picklist(MODEL_METRICS),
    /** Name of a slice. Default: all traffic. */
    slice: v.optional(Name, 'all'),
    /** Quality is degraded while the whole interval of 95 % is above this, or below. */
    above: v.optional(v.number()),
    below: v.optional(v.number()),
  }),
  v.check(({ above, below }) => (above === undefined) !== (below === undefined), 'must have one of above and below'),
);

/** What divides predictions into groups: the value of a feature, or of a join key of a prediction by entity. */
const Division = v.pipe(
  closedObject({ name: Name, feature: v.optional(v.string()), entity: v.optional(v.string()) }),
  v.check(
    ({ feature, entity }) => (feature === undefined) !== (entity === undefined),
    'must have one of feature and entity',
  ),
);

const Fairness = closedObject({
  by: v.pipe(
    v.array(Division),
    v.minLength(1),
    v.maxLength(5),
    v.check((items) => new Set(items.map(({ name }) => name)).size === items.length, REPEATED),
  ),
  /** Labelled predictions of a group below which it is left out. */
  minRows: v.optional(WholeNumber, 100),
});

const Kpi = closedObject({
  name: Name,
  /** As it is told to people, such as `$` or `minutes`. */
  unit: v.pipe(v.string(), v.minLength(1), v.maxLength(16)),
  aggregate: v.picklist(['mean', 'sum']),
});

export const PerformanceDefinitionSchema = closedObject({
  /** Mature days that are measured together: from 8 on intervals are by days. */
  windowDays: v.optional(Days(28), 14),
  /** Days after that of a prediction through which its labels count. */
  labelHorizonDays: v.optional(Days(60), 7),
  /** Share of the labels that will ever come, from which on a day is mature. */
  matureShare: v.optional(Between0And1, 0.95),
  /** After it, a label that still has no prediction is counted as an orphan. */
  orphanAfterHours: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(24 * 14)), 24),
  /** Labelled predictions of the window below which quality is not judged. Default: `monitors.minRows`. */
  minRows: v.optional(WholeNumber),
  /** Probability from which on a prediction counts as positive, for F1, precision, recall and fairness. */
  threshold: v.optional(Between0And1, 0.5),
  /** Quantile that a regression predicts: its quantile loss is measured. */
  quantile: v.optional(Between0And1),
  /** Parts of the traffic that are measured by themselves. Default: those of `monitors.drift`. */
  slices: v.optional(SlicesSchema),
  limits: v.optional(v.pipe(v.array(Limit), v.maxLength(50)), []),
  /** Whether limits are drawn from the hold-out of the version in service too. */
  automaticLimits: v.optional(v.boolean(), true),
  /** Default: groups are not compared. */
  fairness: v.optional(Fairness),
  /** Numbers that may come with a label. */
  kpis: v.optional(
    v.pipe(
      v.array(Kpi),
      v.maxLength(20),
      v.check((items) => new Set(items.map(({ name }) => name)).size === items.length, REPEATED),
    ),
    [],
  ),
});
export type PerformanceDefinition = v.InferOutput<typeof PerformanceDefinitionSchema>;

const DEFAULTS = v.parse(PerformanceDefinitionSchema, {});

interface MeasuredModel {
  readonly task: 'binary-classification' | 'regression';
  readonly features: readonly { readonly name: string; readonly type: 'number' | 'category' }[];
  readonly featureViews?: readonly { readonly entity: readonly string[] }[] | undefined;
  readonly monitors: {
    readonly minRows: number;
    readonly performance?: PerformanceDefinition | undefined;
    readonly drift?: { readonly slices: v.InferOutput<typeof SlicesSchema> } | undefined;
  };
}

/** The slices that a model's quality is measured by. */
export const performanceSlicesOf = ({ monitors }: MeasuredModel): v.InferOutput<typeof SlicesSchema> =>
  monitors.performance?.slices ?? monitors.drift?.slices ?? [];

/** What divides a model's predictions for fairness. */
export const fairnessDivisionsOf = ({ monitors }: MeasuredModel) => monitors.performance?.fairness?.by ?? [];

/** What a definition says of performance, with the defaults where it says nothing, as the core reads it. */
export const performanceSettingsOf = (model: MeasuredModel) => {
  const declared = model.monitors.performance ?? DEFAULTS;
  const { windowDays, labelHorizonDays, matureShare, orphanAfterHours, threshold, quantile, fairness } = declared;
  return {
    task: model.task,
    windowDays,
    horizonDays: labelHorizonDays,
    matureShare,
    orphanAfterHours,
    threshold,
    quantile,
    minRows: declared.minRows ?? model.monitors.minRows,
    slices: performanceSlicesOf(model).map(({ name }) => name),
    limits: declared.limits,
    automaticLimits: declared.automaticLimits,
    fairness: { by: (fairness?.by ?? []).map(({ name }) => name), minRows: fairness?.minRows ?? 0 },
    kpis: declared.kpis,
  };
};

const limitFault = (model: MeasuredModel, { metric, slice }: PerformanceDefinition['limits'][number]) => {
  const ofTask =
    (CLASSIFICATION_METRICS as readonly string[]).includes(metric) === (model.task === 'binary-classification');
  if (!ofTask) return `a limit is of ${metric}, which a ${model.task} does not have`;
  const names = ['all', ...performanceSlicesOf(model).map(({ name }) => name)];
  return names.includes(slice) ? undefined : `a limit is of slice ${slice}, allowed: ${names.join(', ')}`;
};

const divisionFault = (
  model: MeasuredModel,
  { name, feature, entity }: ReturnType<typeof fairnessDivisionsOf>[number],
) => {
  const found = model.features.find((one) => one.name === feature);
  if (feature !== undefined && found?.type !== 'category')
    return `fairness by ${name} is by ${feature}, which is no category among the features`;
  const keys = (model.featureViews ?? []).flatMap((view) => view.entity);
  return entity === undefined || keys.includes(entity)
    ? undefined
    : `fairness by ${name} is by entity ${entity}, allowed: ${[...new Set(keys)].join(', ') || 'none, as there are no feature views'}`;
};

const sliceFault = ({ features }: MeasuredModel, slice: v.InferOutput<typeof SlicesSchema>[number]) =>
  features.some(({ name }) => name === slice.where.feature)
    ? undefined
    : `slice ${slice.name} is of ${slice.where.feature}, which is no feature of the model`;

/** Why a definition's performance cannot be measured. */
export const performanceFault = (model: MeasuredModel): string | undefined => {
  const { performance } = model.monitors;
  if (performance === undefined) return undefined;
  const faults = [
    ...(performance.slices ?? []).map((slice) => sliceFault(model, slice)),
    ...performance.limits.map((limit) => limitFault(model, limit)),
    ...fairnessDivisionsOf(model).map((division) => divisionFault(model, division)),
    performance.quantile !== undefined && model.task !== 'regression' ? 'quantile is of a regression only' : undefined,
  ];
  const fault = faults.find((one) => one !== undefined);
  return fault === undefined ? undefined : `monitors.performance: ${fault}`;
};
