import * as v from 'valibot';

/** Run events as OpenLineage 2-0-2 defines them: https://openlineage.io/spec/2-0-2/OpenLineage.json. */

export const OPENLINEAGE_SCHEMA_URL = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent';

const Uri = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9+.-]*:\S+$/i, 'must be a URI'));
/** Every facet says who made it and by which schema; the rest is the facet's own. */
const Facets = v.record(v.string(), v.looseObject({ _producer: Uri, _schemaURL: Uri }));
const DatasetSchema = v.strictObject({
  namespace: v.string(),
  name: v.string(),
  facets: v.optional(Facets),
  inputFacets: v.optional(Facets),
  outputFacets: v.optional(Facets),
});

export const RunEventSchema = v.strictObject({
  eventTime: v.pipe(v.string(), v.isoTimestamp()),
  producer: Uri,
  schemaURL: v.literal(OPENLINEAGE_SCHEMA_URL),
  eventType: v.picklist(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']),
  run: v.strictObject({ runId: v.pipe(v.string(), v.uuid()), facets: v.optional(Facets) }),
  job: v.strictObject({ namespace: v.string(), name: v.string(), facets: v.optional(Facets) }),
  inputs: v.array(DatasetSchema),
  outputs: v.array(DatasetSchema),
});
export type RunEvent = v.InferOutput<typeof RunEventSchema>;
export type OpenLineageDataset = v.InferOutput<typeof DatasetSchema>;

/** An execution's change of status, as Step Functions tells it on the default bus. */
export const ExecutionChangeSchema = v.object({
  detail: v.object({
    executionArn: v.string(),
    stateMachineArn: v.string(),
    name: v.string(),
    status: v.picklist(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']),
    /** Epoch milliseconds. */
    startDate: v.number(),
    stopDate: v.nullish(v.number()),
    /** JSON; absent where it is too large for an event. */
    input: v.nullish(v.string()),
    error: v.nullish(v.string()),
    cause: v.nullish(v.string()),
    redriveCount: v.optional(v.number(), 0),
    redriveDate: v.nullish(v.number()),
  }),
});
export type ExecutionChange = v.InferOutput<typeof ExecutionChangeSchema>['detail'];

/** One file an event, below the UTC day on which it happened (data bucket). A redriven execution starts and ends again. */
export const runEventKey = ({ eventTime, run, eventType }: RunEvent, redriveCount: number): string =>
  `openlineage/${eventTime.slice(0, 10)}/${run.runId}-${eventType}${redriveCount === 0 ? '' : `-${redriveCount}`}.json`;
