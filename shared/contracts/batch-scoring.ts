import * as v from 'valibot';
import { closedObject } from './closed-object.ts';
import { IdempotencyKey } from './http/platform.ts';

/** Batch scoring: its request, its files, its steps. */

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Version = v.pipe(v.number(), v.integer('must be a whole number'), v.minValue(1, 'must be at least 1'));
const Model = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/, 'must be the name of a model'));

/** A job's id: the caller's `Idempotency-Key`, or the digest of what is asked for. */
export const ScoringJobId = IdempotencyKey;

/** Body of `POST /models/{model}/batch-scoring`. */
export const BatchScoringBody = v.pipe(
  closedObject({
    /** `s3://<data bucket>/<prefix>/`: every `.parquet` object below it. */
    input: v.string(),
    version: v.optional(Version),
    /** @default champion */
    alias: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{1,255}$/, 'must be 1 to 255 characters in [A-Za-z0-9_-]'))),
    /** @default beside the input */
    output: v.optional(v.string()),
  }),
  v.check(
    ({ version, alias }) => version === undefined || alias === undefined,
    'must name a version or an alias, not both',
  ),
);

const InputObjectEntries = { key: v.string(), etag: v.string(), sizeBytes: Count };

/** What a job is, fixed when it is first asked for. */
export const ScoringJobSchema = v.object({
  schemaVersion: v.literal(1),
  model: Model,
  jobId: ScoringJobId,
  version: Version,
  modelDigest: v.string(),
  artifactPrefix: v.string(),
  /** Prefixes in the data bucket. */
  input: v.string(),
  output: v.string(),
  principal: v.string(),
  askedAtMs: Count,
  /** The request's words: the same id with others is refused. */
  asked: v.string(),
  objects: v.array(v.object(InputObjectEntries)),
});
export type ScoringJob = v.InferOutput<typeof ScoringJobSchema>;

export const ScoringPartSchema = v.object({
  ...InputObjectEntries,
  part: Count,
  footerFromByte: Count,
  fromRow: Count,
  rowCount: Count,
  fromByte: Count,
  toByte: Count,
  hasRowKey: v.boolean(),
});

export const ScoringPlanSchema = v.object({ schemaVersion: v.literal(1), parts: v.array(ScoringPartSchema) });

/** Stands beside the outputs as soon as all of them are there and were counted. */
export const ScoringManifestSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  version: Version,
  modelDigest: v.string(),
  jobId: v.string(),
  input: v.string(),
  rowCount: Count,
  /** SHA-256 over those of the parts, in their order. */
  digest: v.string(),
  parts: v.array(
    v.object({
      key: v.string(),
      sha256: v.string(),
      sizeBytes: Count,
      input: v.string(),
      fromRow: Count,
      rowCount: Count,
    }),
  ),
});
export type ScoringManifest = v.InferOutput<typeof ScoringManifestSchema>;

const JobStep = { model: Model, jobId: ScoringJobId };
export const PlanBatchScoringInput = v.object(JobStep);
export const FinishBatchScoringInput = v.object(JobStep);
export const ScorePartInput = v.object({ ...JobStep, parts: v.array(ScoringPartSchema) });

const jobPrefix = (model: string, jobId: string): string => `batch-scoring/${model}/${jobId}/`;
/** In the artifact bucket. */
export const scoringJobKey = (model: string, jobId: string): string => `${jobPrefix(model, jobId)}job.json`;
export const scoringPlanKey = (model: string, jobId: string): string => `${jobPrefix(model, jobId)}plan.json`;
/** The parts as the workflow's items, one a line. */
export const scoringItemsKey = (model: string, jobId: string): string => `${jobPrefix(model, jobId)}parts.jsonl`;

/** Why parts could not be scored, by part. */
export const scoringFailuresPrefix = (model: string, jobId: string): string => `${jobPrefix(model, jobId)}failures/`;
export const scoringFailureKey = (model: string, jobId: string, part: number): string =>
  `${scoringFailuresPrefix(model, jobId)}${part}.json`;
export const ScoringFailureSchema = v.object({ part: Count, input: v.string(), error: v.string(), cause: v.string() });

type Output = Pick<ScoringJob, 'output' | 'jobId'>;
/** In the data bucket: `<output><job>/part-00000.parquet` and so on. */
export const scoredPrefix = ({ output, jobId }: Output): string => `${output}${jobId}/`;
export const scoredPartKey = (job: Output, part: number): string =>
  `${scoredPrefix(job)}part-${String(part).padStart(5, '0')}.parquet`;
export const scoringManifestKey = (job: Output): string => `${scoredPrefix(job)}manifest.json`;
