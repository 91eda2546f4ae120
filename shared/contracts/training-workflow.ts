import * as v from 'valibot';
import { CauseSchema } from './events.ts';

/** What the training pipeline's states give to their functions. */

const Model = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
/** The execution's name: part of object keys, so nothing that could leave the run's folder. */
const RunId = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_-]{1,80}$/, 'must be an execution name of 1 to 80 characters in [A-Za-z0-9_-]'),
);
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Instant = v.pipe(v.number(), v.integer(), v.minValue(0));
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest in hex'));
const Metrics = v.record(v.string(), v.number());

/** `candidate` learns without the holdout and is judged on it; `refit` learns from everything and is registered. */
const PhaseSchema = v.picklist(['candidate', 'refit']);
export type Phase = v.InferOutput<typeof PhaseSchema>;

const run = { model: Model, runId: RunId } as const;
/** What a run learnt; absent from an execution that began under an earlier release. */
const learnt = { metrics: v.optional(Metrics), snapshotId: v.optional(Sha256) } as const;
const started = { executionArn: v.string(), cause: CauseSchema, startedAtMs: Instant } as const;

export const RecordRunInput = v.variant('action', [
  v.strictObject({ action: v.literal('start'), ...run, ...started }),
  v.strictObject({ action: v.literal('finish'), ...run, ...learnt, outcome: v.string(), version: Count }),
  v.strictObject({ action: v.literal('refuse'), ...run, ...learnt, cause: CauseSchema, outcome: v.string() }),
  /** An alarm's training that was not worth it, or waits for a person. `costUsd`: of the estimate alone. */
  v.strictObject({
    action: v.literal('leave'),
    ...run,
    outcome: v.string(),
    costUsd: v.pipe(v.number(), v.minValue(0)),
    snapshotId: v.optional(Sha256),
  }),
  v.strictObject({ action: v.literal('fail'), ...run, ...started, error: v.string(), errorCause: v.string() }),
]);
export type RecordRunInput = v.InferOutput<typeof RecordRunInput>;

export const SnapshotDataInput = v.strictObject({ ...run, asOfMs: Instant });
/** `fresh`: does its work whatever the step cache remembers; a reproduction proves nothing otherwise. */
const cached = { fresh: v.boolean() } as const;

export const BuildFeaturesInput = v.strictObject({ ...run, ...cached, asOfMs: Instant, snapshotId: Sha256 });
export const EstimateRetrainingInput = v.strictObject({ ...run, cause: CauseSchema, asOfMs: Instant });
export const TrainModelInput = v.strictObject({ ...run, ...cached, phase: PhaseSchema, rounds: v.nullable(Count) });
/** `uploadId`: part of an object's key, and of an execution's name. */
export const UploadId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits'));
/** A version that a client registered: its bytes are fetched from its source, its number is the one that is packaged. */
const ClientVersion = v.strictObject({ version: Count, registeredAtMs: Instant });
/** What is said of an upload's version by who submits it. */
const Notes = v.strictObject({ description: v.string(), tags: v.record(v.string(), v.string()) });
/** `client`: absent from an execution that began under an earlier release, as `notes` below. */
export const CheckUploadInput = v.strictObject({ ...run, uploadId: UploadId, client: v.nullish(ClientVersion) });
export const CollectModelInput = v.strictObject({ ...run, phase: PhaseSchema, prefix: v.string() });
export const EvaluateModelInput = v.strictObject(run);
export const ProfileModelInput = v.strictObject(run);
export const RegisterModelVersionInput = v.strictObject({
  ...run,
  artifactPrefix: v.string(),
  modelDigest: Sha256,
  manifestDigest: Sha256,
  metrics: Metrics,
  trainedThroughMs: Instant,
  snapshotId: Sha256,
  /** Who brought a model that was trained elsewhere. */
  submittedBy: v.optional(v.string()),
  /** Given when it is a client's version that gets this package; no new one is registered then. */
  client: v.nullish(ClientVersion),
  notes: v.nullish(Notes),
  /** Given for a version that an operator promotes from another stage: `npm run promote`. */
  origin: v.optional(v.strictObject({ stage: v.string(), version: Count })),
});
export const PrepareReproductionInput = v.strictObject({ ...run, version: Count });
export const CompareReproductionInput = v.strictObject({
  ...run,
  version: Count,
  differences: v.array(v.string()),
});
export const DecideApprovalInput = v.strictObject({ model: Model, version: Count });

/** The objects of a dataset that a run trains on; its digest is the snapshot's id. */
export const SnapshotSchema = v.object({
  schemaVersion: v.literal(1),
  snapshotId: Sha256,
  dataset: v.string(),
  asOfMs: Instant,
  objects: v.array(v.object({ key: v.string(), sizeBytes: v.number(), etag: v.string() })),
});
export type Snapshot = v.InferOutput<typeof SnapshotSchema>;

export const SNAPSHOT_FILE = 'snapshot.json';
/** What a reproduction came to, below its run's prefix. */
export const REPRODUCTION_FILE = 'reproduction.json';

/** Parquet files under `runs/<model>/<runId>/features/`, and what build-features says about them. */
export const TRAIN_TABLE = 'features/train.parquet';
export const HOLDOUT_TABLE = 'features/holdout.parquet';
export const ALL_TABLE = 'features/all.parquet';
export const FEATURE_REPORT_FILE = 'features/report.json';

export const FeatureReportSchema = v.object({
  schemaVersion: v.literal(1),
  passed: v.boolean(),
  findings: v.array(v.string()),
  rowCounts: v.object({ train: v.number(), holdout: v.number(), all: v.number() }),
  /** Mean label of the candidate's training rows: the base rate that it must beat. */
  trainingLabelMean: v.number(),
  holdoutFromMs: v.number(),
  holdoutToMs: v.number(),
  /** Newest instant whose knowledge the rows of `all` hold. */
  trainedThroughMs: v.number(),
});
export type FeatureReport = v.InferOutput<typeof FeatureReportSchema>;

/** A trainer's own best round count, by what it reports; null when it reports none. */
export const bestRounds = ({ rounds }: Readonly<Record<string, number>>): number | null =>
  rounds !== undefined && rounds >= 1 ? Math.round(rounds) : null;

/** Where collect-model puts a phase's model.onnx, signature.json and metrics.json, below the run's prefix. */
export const phaseModelPrefix = (phase: Phase): string => `${phase}/model/`;
