import * as v from 'valibot';
import { InvalidRequestError } from '../kernel/errors.ts';
import { showValue } from '../kernel/show-value.ts';
import { closedFields, closedObject } from './closed-object.ts';
import { describeIssue } from './describe-issue.ts';
import { DriftDefinitionSchema } from './drift-definition.ts';
import { FeatureViewSchema, onlineFault, RequestFeatureSchema, RequestValueSchema } from './feature-views.ts';
import { JudgeDefinitionSchema, judgeFault } from './judge-definition.ts';
import { NotificationsSchema } from './notification-definition.ts';
import { PerformanceDefinitionSchema, performanceFault } from './performance-definition.ts';
import { ReplayDefinitionSchema } from './replay-definition.ts';
import { RetrainingDefinitionSchema, retrainingFault } from './retraining-definition.ts';
import { RoutingDefinitionSchema, routingFault } from './routing.ts';
import { ScheduleExpression } from './schedule-expression.ts';
import { MOST_TASKS } from './service-tasks.ts';
import { ShadowDefinitionSchema } from './shadow-definition.ts';
import { TestsSchema, testsFault } from './test-suite-definition.ts';

/**
 * What a user writes in `models/<name>/model.ts`. Every field has its default here and nowhere else; an
 * unknown field is refused, so that a misspelt option is never silently ignored.
 */

const KebabName = v.pipe(
  v.string(),
  v.maxLength(32),
  v.regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case: lower-case letters, digits and single hyphens'),
);
const ColumnName = v.pipe(v.string(), v.maxLength(64), v.regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'));
const Share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const PositiveInteger = v.pipe(v.number(), v.integer(), v.minValue(1));
const ImageUri = v.pipe(
  v.string(),
  v.regex(/^[^@\s]+@sha256:[0-9a-f]{64}$/, 'must pin the image by digest: <repository>@sha256:<64 hex digits>'),
);

/** Columns that `featuresSql` gives beside the features. */
const RESERVED_COLUMNS = ['row_key', 'event_at_ms', 'label', 'label_known_at_ms'];
const FeatureName = v.pipe(
  ColumnName,
  v.check((name) => !RESERVED_COLUMNS.includes(name), `must not be one of ${RESERVED_COLUMNS.join(', ')}`),
);

const FeatureFields = closedObject({
  name: FeatureName,
  type: v.picklist(['number', 'category']),
  /** Allowed range of a number, inclusive. Rows outside are counted as out of range. */
  min: v.optional(v.number()),
  max: v.optional(v.number()),
  /** Whether a missing value is acceptable in training and in a request. */
  nullable: v.optional(v.boolean(), false),
  /** `report`: compared each window; `whole-weeks`: compared over the last whole weeks only (calendar features). */
  monitor: v.optional(v.picklist(['report', 'whole-weeks']), 'report'),
});

const Feature = v.pipe(
  FeatureFields,
  v.check(
    ({ type, min, max }) => type === 'number' || (min === undefined && max === undefined),
    'of type category must have no min and no max',
  ),
  v.check(({ min, max }) => min === undefined || max === undefined || min <= max, 'must have a min up to its max'),
);

/** Where the first data of the model comes from: a file in a package from npm, read by `ingestSql`. */
const Source = closedObject({
  package: v.string(),
  file: v.string(),
  /**
   * Turns the file (available as the view `source_file`) into the dataset's rows, each with `known_at_ms`
   * (BIGINT, epoch ms UTC): when the row became known. Default: the file's rows as they are, which must hold it.
   */
  ingestSql: v.optional(v.string(), 'SELECT * FROM source_file'),
});

const Data = closedObject({
  /** Objects live under `datasets/<dataset>/known=<UTC day>/…parquet` in the data bucket. */
  dataset: KebabName,
  source: Source,
  /**
   * The features, as one SELECT for DuckDB over the view `dataset` (all rows of the snapshot). It must give
   * `row_key` (VARCHAR or BIGINT, unique), `event_at_ms` (BIGINT), every feature by name, `label` (DOUBLE, 0 or 1
   * for a classification) and `label_known_at_ms` (BIGINT), and use only what was known at `event_at_ms`.
   */
  featuresSql: v.string(),
  /**
   * Features that are computed from what a request brings, by one expression each: training computes them by the same,
   * over the columns of `featuresSql`, which then gives what they need instead of them.
   */
  requestFeatures: v.optional(v.array(RequestFeatureSchema)),
  /** What a request brings for them. */
  requestValues: v.optional(v.array(RequestValueSchema)),
  /** Days at the start of the dataset whose look-back features are still filling: never trained on. */
  warmUpDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** Newest days to train on. Default: everything known. */
  trainingDays: v.optional(PositiveInteger),
  /** Upper bound of training rows, drawn by a hash of `row_key`. */
  maxRows: v.optional(PositiveInteger, 300_000),
});

const CheckFields = closedObject({
  minRows: v.optional(PositiveInteger, 1_000),
  /** Age of the newest label when training starts. */
  maxAgeHours: v.optional(v.pipe(v.number(), v.minValue(1)), 72),
  /** Bounds of the share of positive labels (classification). */
  minLabelShare: v.optional(Share, 0.005),
  maxLabelShare: v.optional(Share, 0.995),
  /** Largest share of rows outside a feature's declared range, per feature. */
  maxOutOfRangeShare: v.optional(Share, 0.01),
  /** Largest share of missing values of a feature that is not nullable. */
  maxMissingShare: v.optional(Share, 0),
});

const Checks = v.pipe(
  CheckFields,
  v.check(
    ({ minLabelShare, maxLabelShare }) => minLabelShare <= maxLabelShare,
    'must have a minLabelShare up to its maxLabelShare',
  ),
);

const BuiltInTrainer = closedFields({
  kind: v.literal('built-in'),
  rounds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2_000)), 200),
  maxLeaves: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(255)), 31),
  learningRate: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 0.1),
  minRowsPerLeaf: v.optional(PositiveInteger, 20),
  l2: v.optional(v.pipe(v.number(), v.minValue(0)), 1),
  /** Rounds without improvement on the newest tenth of the rows before training stops; 0 never stops early. */
  earlyStoppingRounds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 20),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 31 - 1)), 1),
});

const Hyperparameters = v.optional(v.record(v.string(), v.string()), {});
const MetricDefinitions = v.optional(v.array(closedObject({ name: v.string(), regex: v.string() })), []);

const SageMakerTrainer = closedFields({
  kind: v.literal('sagemaker'),
  image: ImageUri,
  instanceType: v.pipe(
    v.string(),
    v.regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, 'must be a SageMaker instance type such as ml.g5.xlarge'),
  ),
  instanceCount: v.optional(PositiveInteger, 1),
  volumeSizeGb: v.optional(PositiveInteger, 50),
  maxRuntimeMinutes: v.optional(PositiveInteger, 120),
  spot: v.optional(v.boolean(), true),
  hyperparameters: Hyperparameters,
  metricDefinitions: MetricDefinitions,
});

const BatchTrainer = closedFields({
  kind: v.literal('batch'),
  image: ImageUri,
  vcpus: v.optional(PositiveInteger, 4),
  memoryMb: v.optional(PositiveInteger, 15_000),
  gpus: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 1),
  maxRuntimeMinutes: v.optional(PositiveInteger, 120),
  spot: v.optional(v.boolean(), true),
  hyperparameters: Hyperparameters,
});

const Trainer = v.variant('kind', [BuiltInTrainer, SageMakerTrainer, BatchTrainer]);

const Evaluation = closedObject({
  /** The newest days, kept from the candidate and scored by candidate and champion alike. */
  holdoutDays: v.optional(PositiveInteger, 7),
  /** How much worse than the champion the candidate's loss (log loss, or RMSE) may be, paired by day. */
  margin: v.optional(v.pipe(v.number(), v.minValue(0)), 0.005),
  /** Smallest gain over the base rate's loss, as a share of it. */
  minGainOverBaseline: v.optional(Share, 0.005),
  minAuc: v.optional(Share),
  /** What wrong decisions cost, in any one unit: the evaluation report finds the threshold that costs least. */
  costs: v.optional(
    closedObject({
      falseAlarm: v.pipe(v.number(), v.gtValue(0)),
      miss: v.pipe(v.number(), v.gtValue(0)),
    }),
  ),
});

/** What must be on record about a version before it may be approved. */
const ApprovalRequirements = v.optional(
  closedObject({
    /** Its evaluation says that it passed the quality gate: also of a version that no pipeline of this stage made. */
    gate: v.optional(v.literal('passed')),
  }),
  {},
);

/** A principal as IAM writes it, with `*` for any text. */
const PrincipalPattern = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

const ApprovalRules = v.variant('mode', [
  closedFields({ mode: v.literal('automatic'), requires: ApprovalRequirements }),
  closedFields({
    mode: v.literal('manual'),
    /** Different principals that must approve. */
    minApprovals: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
    /** Whoever asked for a version's training, or brought it, may not approve it. */
    distinctFromSubmitter: v.optional(v.boolean(), true),
    /** Who may approve, such as `arn:aws:sts::*:assumed-role/Reviewer/*`. Default: whoever may call the API. */
    approvers: v.optional(v.pipe(v.array(PrincipalPattern), v.minLength(1), v.maxLength(50))),
    requires: ApprovalRequirements,
  }),
]);
const ApprovalWord = v.picklist(['automatic', 'manual']);
const Approval = v.lazy<typeof ApprovalRules | typeof ApprovalWord>((input) =>
  typeof input === 'object' && input !== null ? ApprovalRules : ApprovalWord,
);

const CANARY_FIELDS = {
  /** Traffic weights of the canary; the last must be 1. */
  canarySteps: v.optional(
    v.pipe(
      v.array(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
      v.minLength(1),
      v.check(
        (steps) => steps.every((step, i) => i === 0 || step > (steps[i - 1] ?? 0)) && steps.at(-1) === 1,
        'must rise strictly and end in 1',
      ),
    ),
    [0.1, 0.5, 1],
  ),
  bakeMinutes: v.optional(PositiveInteger, 60),
  /** Largest added share of failed requests over the champion that is promoted, if `judge` does not say otherwise. */
  maxErrorShareIncrease: v.optional(Share, 0.05),
  /** By what the canary is judged, and when. Default: by its failed requests. */
  judge: v.optional(JudgeDefinitionSchema),
  /** What its answers to captured inputs must be before its first request. Default: it must not fail where they were answered. */
  replay: v.optional(ReplayDefinitionSchema, {}),
  /** Scores the captured inputs by a challenger too, and compares once the labels are in. Default: not done. */
  shadow: v.optional(ShadowDefinitionSchema),
};

const LambdaDeployment = closedFields({
  target: v.optional(v.literal('lambda'), 'lambda'),
  memoryMb: v.optional(v.pipe(v.number(), v.integer(), v.minValue(512), v.maxValue(10_240)), 1_024),
  ...CANARY_FIELDS,
  /**
   * What divides the traffic: `alias`, the weighted alias, by chance and request by request; `exact`, the function itself,
   * by a plan: any number of versions, sticky by unit, A/B experiments, cohorts, and a roll-back within seconds. A change
   * takes effect with the model's next rollout.
   */
  router: v.optional(v.picklist(['alias', 'exact']), 'alias'),
  /** How `exact` divides. Default: each request by itself. */
  routing: v.optional(RoutingDefinitionSchema),
});

/** What Fargate offers, in MB from, to and by steps of, for so many processors. */
const FARGATE_MEMORY: Readonly<Record<string, readonly [from: number, to: number, step: number]>> = {
  0.5: [1_024, 4_096, 1_024],
  1: [2_048, 8_192, 1_024],
  2: [4_096, 16_384, 1_024],
  4: [8_192, 30_720, 1_024],
};

const TaskCount = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_TASKS));

/** A number of tasks that follows what is asked, by target tracking: out as fast as it takes, in slowly. */
const ScaledTasks = v.pipe(
  closedObject({
    min: TaskCount,
    max: TaskCount,
    /** Share of their processors that tasks are kept at, in percent. */
    cpuPercent: v.optional(v.pipe(v.number(), v.integer(), v.minValue(10), v.maxValue(90)), 60),
    /** Requests a minute that each task is kept at. Default: the processors alone decide. */
    requestsPerMinute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000_000))),
  }),
  v.check(({ min, max }) => min < max, 'must have a min below its max'),
);
/** Told apart by their form, so that a refusal names the field that is wrong. */
export const TasksSchema = v.lazy<typeof ScaledTasks | typeof TaskCount>((input) =>
  typeof input === 'object' && input !== null ? ScaledTasks : TaskCount,
);

/** Tasks that run all the time, for a model that is asked all the time: they cost while nobody asks. */
const EcsDeployment = closedFields({
  target: v.literal('ecs'),
  vcpus: v.optional(v.picklist([0.5, 1, 2, 4]), 0.5),
  memoryMb: v.optional(v.pipe(v.number(), v.integer()), 1_024),
  /** How many answer, or `{ min, max }` with what they are kept at; twice as many while a canary runs. */
  tasks: v.optional(TasksSchema, 1),
  ...CANARY_FIELDS,
});

const Deployment = v.pipe(
  v.variant('target', [LambdaDeployment, EcsDeployment]),
  v.check(
    (deployment) => {
      if (deployment.target === 'lambda') return true;
      const [from, to, step] = FARGATE_MEMORY[deployment.vcpus] ?? [0, 0, 1];
      const { memoryMb } = deployment;
      return memoryMb >= from && memoryMb <= to && (memoryMb - from) % step === 0;
    },
    ({ input: { memoryMb, ...deployment } }) => {
      const vcpus = deployment.target === 'ecs' ? deployment.vcpus : 0;
      const [from, to, step] = FARGATE_MEMORY[vcpus] ?? [0, 0, 1];
      return `must have a memoryMb from ${from} to ${to} by steps of ${step} with ${vcpus} vcpus, got ${memoryMb}`;
    },
  ),
);

const Monitors = closedObject({
  /** When the drift check runs (UTC). */
  schedule: v.optional(ScheduleExpression, 'cron(0 6 * * ? *)'),
  windowDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(28)), 7),
  /** Fewest captured predictions in the window; below, the check says so and publishes no drift. */
  minRows: v.optional(PositiveInteger, 500),
  /** Population stability index of the prediction above which a check counts. */
  predictionPsiLimit: v.optional(v.pipe(v.number(), v.gtValue(0)), 0.2),
  /** Consecutive daily checks above the limit that raise the alarm. */
  alarmAfterChecks: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7)), 2),
  /** How often drift may be announced in error, and where it is looked for. */
  drift: v.optional(DriftDefinitionSchema),
  /** How quality is measured once labels come. Default: over 14 mature days, against the hold-out's. */
  performance: v.optional(PerformanceDefinitionSchema),
  /** Conditions of the daily test suite. Default: those that the reference's own days give. */
  tests: v.optional(TestsSchema),
});

const DefinitionFields = closedObject({
  name: KebabName,
  owner: v.pipe(v.string(), v.minLength(1)),
  description: v.optional(v.string(), ''),
  task: v.picklist(['binary-classification', 'regression']),
  data: Data,
  features: v.pipe(
    v.array(Feature),
    v.minLength(1),
    v.maxLength(200),
    v.check((features) => new Set(features.map((f) => f.name)).size === features.length, 'must not repeat a name'),
  ),
  /** Features that are kept in the online store, so that a request need not bring them. */
  featureViews: v.optional(v.pipe(v.array(FeatureViewSchema), v.maxLength(20))),
  checks: v.optional(Checks, {}),
  trainer: v.optional(Trainer, { kind: 'built-in' }),
  evaluation: v.optional(Evaluation, {}),
  /**
   * `automatic`: a version that passed the gate is approved by policy; `manual`: a person decides, and not the one who
   * asked for the version. Or either with rules of its own.
   */
  approval: v.optional(Approval, 'automatic'),
  deployment: v.optional(Deployment, {}),
  monitors: v.optional(Monitors, {}),
  retraining: v.optional(RetrainingDefinitionSchema, {}),
  /** Whom its troubles are told. Default: the alarm topic of the stage alone. */
  notifications: v.optional(NotificationsSchema),
});

export const ModelDefinitionSchema = v.pipe(
  DefinitionFields,
  v.check(
    (definition) => onlineFault(definition) === undefined,
    ({ input }) => `has a fault: ${onlineFault(input)}`,
  ),
  v.check(
    (definition) => routingFault(definition) === undefined,
    ({ input }) => `has a fault: ${routingFault(input)}`,
  ),
  v.check(
    (definition) => judgeFault(definition) === undefined,
    ({ input }) => `has a fault: ${judgeFault(input)}`,
  ),
  v.check(
    (definition) => retrainingFault(definition) === undefined,
    ({ input }) => `has a fault: ${retrainingFault(input)}`,
  ),
  v.check(
    (definition) => performanceFault(definition) === undefined,
    ({ input }) => `has a fault: ${performanceFault(input)}`,
  ),
  v.check(
    (definition) => testsFault(definition) === undefined,
    ({ input }) => `has a fault: ${testsFault(input)}`,
  ),
);

/** What a user writes: defaults may be left out. */
export type ModelDefinitionInput = v.InferInput<typeof ModelDefinitionSchema>;
/** What the platform reads: every default filled in. */
export type ModelDefinition = v.InferOutput<typeof ModelDefinitionSchema>;
export type FeatureDefinition = ModelDefinition['features'][number];
export type FeatureViewDefinition = NonNullable<ModelDefinition['featureViews']>[number];
export type DeploymentDefinition = ModelDefinition['deployment'];
export type TasksDefinition = Extract<DeploymentDefinition, { readonly target: 'ecs' }>['tasks'];
export type TrainerDefinition = ModelDefinition['trainer'];

/**
 * Checks a definition and fills in its defaults.
 * @throws InvalidRequestError that names each wrong field, its value and what is allowed.
 */
export const defineModel = (input: ModelDefinitionInput): ModelDefinition => {
  const result = v.safeParse(ModelDefinitionSchema, input);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => describeIssue(issue, 'the definition'));
  const name = (input as { name?: unknown } | null)?.name;
  throw new InvalidRequestError(`model definition ${showValue(name ?? '(unnamed)')} is invalid: ${issues.join('; ')}`);
};
