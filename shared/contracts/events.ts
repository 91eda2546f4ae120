import * as v from 'valibot';
import { RunEventSchema } from './openlineage.ts';

/** Events on the platform's own bus. AWS's events (alarms, executions, S3, SageMaker, Batch) stay on the default bus. */

export const EVENT_SOURCE = 'millrace';

const Model = v.string();
const Version = v.pipe(v.number(), v.integer(), v.minValue(1));

/** Why a training execution runs. Recorded on the execution's input and on the run. */
export const CauseSchema = v.variant('kind', [
  v.object({ kind: v.literal('schedule'), scheduledAt: v.string() }),
  v.object({
    kind: v.literal('alarm'),
    alarmName: v.string(),
    alarmArn: v.string(),
    stateChangedAt: v.string(),
    reason: v.string(),
    /** The alarm was read at the end of this cool-down and still rang; absent when its change of state was the cause. */
    coolDownEndedAt: v.optional(v.string()),
  }),
  /** Its quality was found degraded on the labels of a day. */
  v.object({ kind: v.literal('quality'), day: v.string(), reason: v.string() }),
  /** The last training started longer ago than `retraining.maxAgeDays`. */
  v.object({ kind: v.literal('staleness'), scheduledAt: v.string() }),
  v.object({ kind: v.literal('new-data'), bucket: v.string(), key: v.string(), eventId: v.string() }),
  /** Somebody brought a model that was trained elsewhere. */
  v.object({ kind: v.literal('upload'), principal: v.string(), uploadId: v.string() }),
  /** A version that a client registered is packaged. It is told from another of its number by when it was registered. */
  v.object({
    kind: v.literal('client-version'),
    principal: v.string(),
    version: v.pipe(v.number(), v.integer(), v.minValue(1)),
    registeredAtMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
  }),
  v.object({ kind: v.literal('call'), principal: v.string(), requestId: v.string(), reason: v.optional(v.string()) }),
]);
export type Cause = v.InferOutput<typeof CauseSchema>;

/**
 * What happens in the MLflow registry, by entity, in the names that webhooks subscribe to. An entity that is a prompt
 * (its registered model has the tag `mlflow.prompt.is_prompt`) is told as one, never as a model too.
 */
export const REGISTRY_EVENTS = {
  registered_model: ['created'],
  model_version: ['created'],
  model_version_tag: ['set', 'deleted'],
  model_version_alias: ['created', 'deleted'],
  prompt: ['created'],
  prompt_version: ['created'],
  prompt_tag: ['set', 'deleted'],
  prompt_version_tag: ['set', 'deleted'],
  prompt_alias: ['created', 'deleted'],
} as const;

export type RegistryEntity = keyof typeof REGISTRY_EVENTS;
export type RegistryAction = (typeof REGISTRY_EVENTS)[RegistryEntity][number];

const RegistryChangedSchema = v.pipe(
  v.object({
    workspace: v.string(),
    entity: v.picklist(Object.keys(REGISTRY_EVENTS) as RegistryEntity[]),
    action: v.picklist(['created', 'set', 'deleted']),
    /** As MLflow's webhooks tell it: `name`, and what else the event has (`version`, `key`, `value`, `alias`, `tags` …). */
    data: v.record(v.string(), v.union([v.string(), v.null(), v.record(v.string(), v.string())])),
  }),
  v.check(
    ({ entity, action }) => (REGISTRY_EVENTS[entity] as readonly string[]).includes(action),
    'must be an action that REGISTRY_EVENTS lists for the entity',
  ),
);

export const EVENT_SCHEMAS = {
  'Training Requested': v.object({
    model: Model,
    principal: v.string(),
    requestId: v.string(),
    reason: v.optional(v.string()),
  }),
  /** Somebody submitted a model's file, or asks for a client's version to be made one that can be served. */
  'Packaging Requested': v.variant('kind', [
    v.object({ kind: v.literal('upload'), model: Model, uploadId: v.string(), principal: v.string() }),
    v.object({
      kind: v.literal('version'),
      model: Model,
      version: Version,
      principal: v.string(),
      requestId: v.string(),
    }),
  ]),
  'Training Refused': v.object({ model: Model, cause: CauseSchema, reason: v.string() }),
  'Model Version Registered': v.object({ model: Model, version: Version, runId: v.string() }),
  /** `report`: the path of the platform API under which the evaluation report is. */
  'Approval Requested': v.object({ model: Model, version: Version, runId: v.string(), report: v.optional(v.string()) }),
  'Model Version Approved': v.object({ model: Model, version: Version, principal: v.string() }),
  'Model Version Rejected': v.object({ model: Model, version: Version, principal: v.string(), reason: v.string() }),
  /** Somebody wants another canary of a version that was rolled out before. */
  'Rollout Requested': v.object({
    model: Model,
    version: Version,
    principal: v.string(),
    reason: v.string(),
    requestId: v.string(),
  }),
  /** `kind`: of a new version, or of new code under the one that serves. */
  'Rollout Started': v.object({
    model: Model,
    version: Version,
    rolloutId: v.string(),
    kind: v.optional(v.picklist(['model', 'code'])),
  }),
  /** `report`: the path of the platform API under which the rollout's report is. */
  'Rollout Promoted': v.object({
    model: Model,
    version: Version,
    rolloutId: v.string(),
    report: v.optional(v.string()),
  }),
  'Rollout Rolled Back': v.object({
    model: Model,
    version: Version,
    rolloutId: v.string(),
    reason: v.string(),
    report: v.optional(v.string()),
  }),
  /** Every row of an input has its prediction; `output` is the prefix in the data bucket where they lie. */
  'Batch Scoring Finished': v.object({
    model: Model,
    version: Version,
    jobId: v.string(),
    rowCount: v.number(),
    output: v.string(),
  }),
  'Registry Changed': RegistryChangedSchema,
  'OpenLineage Event': RunEventSchema,
  /**
   * Quality by labels is worse than a limit, by its whole interval: told on the day on which that is first found. `report`:
   * the path of the platform API under which the day's report is.
   */
  'Quality Degraded': v.object({
    model: Model,
    version: Version,
    day: v.string(),
    reason: v.string(),
    limits: v.array(v.object({ metric: v.string(), slice: v.string(), limit: v.number(), value: v.number() })),
    report: v.string(),
  }),
  /** The daily test suite has failed tests. `since`: the day on which the newest of them first failed in a row. */
  'Monitoring Tests Failed': v.object({
    model: Model,
    version: v.optional(Version),
    day: v.string(),
    since: v.string(),
    /** The most severe of the failed ones. */
    severity: v.picklist(['low', 'medium', 'high']),
    failing: v.array(v.object({ id: v.string(), severity: v.picklist(['low', 'medium', 'high']), reason: v.string() })),
    report: v.string(),
  }),
  /** A model's day is reported on. `open`: what goes on, of drift, quality and tests. */
  'Daily Report Written': v.object({
    model: Model,
    day: v.string(),
    open: v.array(v.picklist(['drift', 'quality', 'tests'])),
    report: v.string(),
  }),
  /** An alarm's training was weighed. `person`: nobody but a person's call trains it now. */
  'Retraining Decided': v.object({
    model: Model,
    runId: v.string(),
    decision: v.picklist(['retrain', 'wait', 'person']),
    reason: v.string(),
    cause: CauseSchema,
    /** Dollars over the horizon; absent where no value is declared or nothing could be weighed. */
    gainUsd: v.optional(v.number()),
    costUsd: v.optional(v.number()),
  }),
  'Drift Detected': v.object({
    model: Model,
    version: Version,
    windowEnd: v.string(),
    predictionPsi: v.number(),
    /** The decision as a sentence, and where the change is largest. */
    reason: v.optional(v.string()),
  }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventDetail<T extends EventType> = v.InferOutput<(typeof EVENT_SCHEMAS)[T]>;

/** The path of the platform API under which a rollout's report is. */
export const rolloutReportAt = (model: string, rolloutId: string): string =>
  `/models/${model}/rollouts/${rolloutId}/report`;

/** The path of the platform API under which the report on a model's day is. */
export const dailyReportAt = (model: string, day: string): string => `/models/${model}/reports/${day}`;
