import * as v from 'valibot';

import { MODEL_FILE } from './artifact-files.ts';

export * from './artifact-files.ts';

/** Where things lie in the artifact bucket and the data bucket, and the JSON files among them. */

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A model's tensors, by the ONNX graph's names. Each feature is one input of shape [-1, 1]. */
export const SignatureSchema = v.object({
  task: v.picklist(['binary-classification', 'regression']),
  inputs: v.array(
    v.object({
      name: v.string(),
      /** FP32 for numbers (missing = NaN), BYTES (UTF-8 text) for categories (missing = empty string). */
      datatype: v.picklist(['FP32', 'BYTES']),
      shape: v.array(v.number()),
      nullable: v.boolean(),
    }),
  ),
  /** One output: the probability of the positive class, or the predicted value. Shape [-1, 1]. */
  outputs: v.array(v.object({ name: v.string(), datatype: v.picklist(['FP32']), shape: v.array(v.number()) })),
});
export type Signature = v.InferOutput<typeof SignatureSchema>;

/** What a trainer reports about a model: numbers by name, such as `trainingLoss`, `rounds`. */
export const TrainingMetricsSchema = v.record(v.string(), v.number());

/** The digests (SHA-256, hex) that identify a model version's bytes. */
export const ManifestSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  runId: v.string(),
  /** Digest of model.onnx: the version's identity in service. */
  modelDigest: Sha256,
  files: v.record(v.string(), v.object({ sha256: Sha256, sizeBytes: v.number() })),
});
export type Manifest = v.InferOutput<typeof ManifestSchema>;

/** Final, content-addressed home of a registered model: `models/<model>/<modelDigest>/<file>`. */
export const modelArtifactPrefix = (model: string, modelDigest: string): string => `models/${model}/${modelDigest}/`;
/** Working files of one run: `runs/<model>/<runId>/…`. */
export const runPrefix = (model: string, runId: string): string => `runs/${model}/${runId}/`;
/** The cards of a version: `cards/<model>/<version>/<number>.json`. */
export const cardPrefix = (model: string, version: number): string => `cards/${model}/${version}/`;
/** A model that somebody brings, before it is checked. The id tells uploads apart. */
export const uploadKey = (model: string, uploadId: string): string => `uploads/${model}/${uploadId}/${MODEL_FILE}`;
/** Who submitted an upload, and what is to be said of its version. */
export const submissionKey = (model: string, uploadId: string): string =>
  `uploads/${model}/${uploadId}/submission.json`;
/** Every reason why an upload cannot be served. */
export const uploadFaultsKey = (model: string, uploadId: string): string => `uploads/${model}/${uploadId}/faults.json`;
/** A dataset's objects, one folder per UTC day on which the rows became known (data bucket). */
export const datasetPrefix = (dataset: string): string => `datasets/${dataset}/`;
export const datasetDayKey = (dataset: string, day: string, part = 'part-0'): string =>
  `${datasetPrefix(dataset)}known=${day}/${part}.parquet`;
/** Captured predictions and labels, by UTC hour of arrival (data bucket, written by Firehose, GZIP JSONL). */
export const capturePrefix = (model: string): string => `capture/${model}/`;
/** Captures of one UTC day of arrival. */
export const captureDayPrefix = (model: string, day: string): string =>
  `${capturePrefix(model)}${day.replaceAll('-', '/')}/`;
/** One closed day's captures in one file, so that a window reads days, not buffers (data bucket, GZIP JSONL). */
export const compactedCaptureKey = (model: string, day: string): string => `${compactedPrefix(model)}${day}.jsonl.gz`;
export const compactedPrefix = (model: string): string => `compacted/${model}/`;
export const driftReportKey = (model: string, day: string): string => `reports/${model}/drift/${day}.json`;
export const skewReportKey = (model: string, day: string): string => `reports/${model}/skew/${day}.json`;
export const windowProfileKey = (model: string, day: string): string => `reports/${model}/windows/${day}.json`;
