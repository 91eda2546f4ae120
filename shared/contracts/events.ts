import * as v from 'valibot';

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
  v.object({ kind: v.literal('new-data'), bucket: v.string(), key: v.string(), eventId: v.string() }),
  v.object({ kind: v.literal('call'), principal: v.string(), requestId: v.string(), reason: v.optional(v.string()) }),
]);
export type Cause = v.InferOutput<typeof CauseSchema>;

export const EVENT_SCHEMAS = {
  'Training Requested': v.object({
    model: Model,
    principal: v.string(),
    requestId: v.string(),
    reason: v.optional(v.string()),
  }),
  'Training Refused': v.object({ model: Model, cause: CauseSchema, reason: v.string() }),
  'Model Version Registered': v.object({ model: Model, version: Version, runId: v.string() }),
  'Approval Requested': v.object({ model: Model, version: Version, runId: v.string() }),
  'Model Version Approved': v.object({ model: Model, version: Version, principal: v.string() }),
  'Model Version Rejected': v.object({ model: Model, version: Version, principal: v.string(), reason: v.string() }),
  'Rollout Started': v.object({ model: Model, version: Version, rolloutId: v.string() }),
  'Rollout Promoted': v.object({ model: Model, version: Version, rolloutId: v.string() }),
  'Rollout Rolled Back': v.object({ model: Model, version: Version, rolloutId: v.string(), reason: v.string() }),
  'Drift Detected': v.object({ model: Model, version: Version, windowEnd: v.string(), predictionPsi: v.number() }),
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;
export type EventDetail<T extends EventType> = v.InferOutput<(typeof EVENT_SCHEMAS)[T]>;
