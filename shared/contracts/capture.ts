import * as v from 'valibot';

/** Lines of the capture stream. At least once: readers keep one line per prediction id, and the newest label. */

const CapturedValue = v.union([v.number(), v.string(), v.null()]);

/** Where the features of a prediction by entity came from. */
export const FeatureSourcesSchema = v.object({
  /** Join key column → value. */
  entities: v.record(v.string(), v.string()),
  /** What the caller brought for request features; timestamps as epoch ms. */
  values: v.record(v.string(), CapturedValue),
  /** By feature view: how the entity was found, and as of when its values were. */
  views: v.record(
    v.string(),
    v.object({
      status: v.picklist(['PRESENT', 'NOT_FOUND', 'OUTSIDE_MAX_AGE']),
      eventAtMs: v.optional(v.number()),
    }),
  ),
  /** Features that the caller gave beside. */
  given: v.array(v.string()),
});

/** What a prediction is metered by: whose request it was, and how many rows that had. */
export const CapturedRequestSchema = v.object({
  /** The same on every line of one request, and no other's. */
  id: v.string(),
  rowCount: v.number(),
  /** ARN of who signed it. */
  principal: v.optional(v.string()),
  /** Id of the API key that it came with. */
  apiKeyId: v.optional(v.string()),
});

/** By what a version was chosen for a request, where the model's router is `exact`. */
export const AssignmentSchema = v.object({
  /** The first 128 bits of SHA-256 over salt and routing key, hex; absent for a request without a key. */
  unit: v.optional(v.string()),
  /** Of the version that answered, for this unit at this time. 1 with `cohort`: it was not drawn. */
  probability: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  /** Names the shares that it was drawn by. */
  plan: v.string(),
  /** The A/B experiment that it was drawn for. */
  arm: v.optional(v.string()),
  /** The cohort that the request is of. */
  cohort: v.optional(v.string()),
});
export type CapturedAssignment = v.InferOutput<typeof AssignmentSchema>;

export const PredictionRecordSchema = v.object({
  kind: v.literal('prediction'),
  predictionId: v.string(),
  atMs: v.number(),
  model: v.string(),
  version: v.number(),
  modelDigest: v.string(),
  /** Published version of the inference function: it leads to the rollout, and so to the code. Absent in older lines. */
  lambdaVersion: v.optional(v.string()),
  /** Feature name → value as the model took it, numbers with the digits of float32; null is a missing value. */
  inputs: v.record(v.string(), CapturedValue),
  /** Of a prediction by entity; `inputs` are the features as they were used. */
  sources: v.optional(FeatureSourcesSchema),
  /** Probability of the positive class, or the predicted value. */
  output: v.number(),
  latencyMs: v.number(),
  /** What ran the model: asked again by the same, it gives the same bits. Absent in older lines: onnxruntime. */
  engine: v.optional(v.picklist(['interpreter', 'onnxruntime'])),
  /** Absent in older lines. */
  request: v.optional(CapturedRequestSchema),
  /** Absent where an alias divides the traffic, and where the request named its version. */
  assignment: v.optional(AssignmentSchema),
  /** Of the first request that this version answered in its environment: what loads at first run is in its latency. */
  cold: v.optional(v.literal(true)),
});
export type PredictionRecord = v.InferOutput<typeof PredictionRecordSchema>;

export const LabelRecordSchema = v.object({
  kind: v.literal('label'),
  predictionId: v.string(),
  model: v.string(),
  label: v.number(),
  /** When the truth became known; the newest wins if a label comes repeatedly. */
  knownAtMs: v.number(),
  receivedAtMs: v.number(),
  /** What the prediction came to in the business's own units, by the names of `monitors.performance.kpis`. */
  kpis: v.optional(v.record(v.string(), v.number())),
});
export type LabelRecord = v.InferOutput<typeof LabelRecordSchema>;

/** A request that our code could not answer, where the model's router is `exact`. A crash leaves no line. */
export const FailureRecordSchema = v.object({
  kind: v.literal('failure'),
  /** The request's id: of its rows, no prediction has one. */
  predictionId: v.string(),
  atMs: v.number(),
  model: v.string(),
  version: v.number(),
  lambdaVersion: v.optional(v.string()),
  /** As the caller was answered. */
  status: v.number(),
  errorName: v.string(),
  latencyMs: v.number(),
  assignment: v.optional(AssignmentSchema),
  cold: v.optional(v.literal(true)),
});
export type FailureRecord = v.InferOutput<typeof FailureRecordSchema>;

export const CaptureRecordSchema = v.variant('kind', [PredictionRecordSchema, LabelRecordSchema, FailureRecordSchema]);
