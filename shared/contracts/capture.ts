import * as v from 'valibot';

/** Lines of the capture stream. At least once: readers keep one line per prediction id, and the newest label. */

export const PredictionRecordSchema = v.object({
  kind: v.literal('prediction'),
  predictionId: v.string(),
  atMs: v.number(),
  model: v.string(),
  version: v.number(),
  modelDigest: v.string(),
  /** Published version of the inference function: it leads to the rollout, and so to the code. Absent in older lines. */
  lambdaVersion: v.optional(v.string()),
  /** Feature name → value as received; null is a missing value. */
  inputs: v.record(v.string(), v.union([v.number(), v.string(), v.null()])),
  /** Probability of the positive class, or the predicted value. */
  output: v.number(),
  latencyMs: v.number(),
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
});
export type LabelRecord = v.InferOutput<typeof LabelRecordSchema>;

export const CaptureRecordSchema = v.variant('kind', [PredictionRecordSchema, LabelRecordSchema]);
