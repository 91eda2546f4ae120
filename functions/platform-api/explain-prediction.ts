import { hash } from 'node:crypto';
import { type VersionEvidence, versionFault } from '../../shared/core/audit/index.ts';
import { rolloutOf, trafficAt } from '../../shared/core/lineage/index.ts';
import {
  type PackagedVersion,
  type Rollout,
  requirePackaged,
  type TrainingRun,
} from '../../shared/core/registry/index.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { FoundPrediction } from './find-prediction.ts';
import { type Check, check, type VerifiedPackage, verifyPackage } from './verify-chain-of-digests.ts';

export interface ExplainDeps {
  readonly registry: Pick<ModelRegistry, 'getVersion' | 'getRun' | 'listRollouts'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** What is stored of a version, beside what the audit log says of it. */
  readonly readEvidence: (model: string, version: number) => Promise<VersionEvidence | undefined>;
}

const PAGE = 100;
/** Ten thousand rollouts of one model: a century of weekly ones. */
const MOST_PAGES = 100;

/** Newest first, down to the last that had been promoted when the prediction was answered. */
const rolloutsUntil = async ({ registry }: ExplainDeps, { record }: FoundPrediction): Promise<readonly Rollout[]> => {
  const rollouts: Rollout[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await registry.listRollouts(record.model, PAGE, cursor);
    rollouts.push(...items);
    const known = items.some(({ status, endedAtMs }) => status === 'PROMOTED' && (endedAtMs ?? 0) <= record.atMs);
    if (nextCursor === undefined || (known && rolloutOf(rollouts, record) !== undefined)) break;
    cursor = nextCursor;
  }
  return rollouts;
};

const runPart = (run: TrainingRun | undefined) =>
  run && {
    runId: run.runId,
    executionArn: run.executionArn,
    status: run.status,
    cause: run.cause,
    startedAt: isoTime(run.startedAtMs),
    ...(run.endedAtMs === undefined ? {} : { endedAt: isoTime(run.endedAtMs) }),
    ...(run.outcome === undefined ? {} : { outcome: run.outcome }),
  };

const versionPart = (version: PackagedVersion) => {
  const { status, modelDigest, manifestDigest, artifactPrefix, metrics, origin, runId } = version;
  return {
    version: version.version,
    status,
    runId,
    modelDigest,
    manifestDigest,
    artifactPrefix,
    metrics,
    registeredAt: isoTime(version.registeredAtMs),
    ...(origin === undefined ? {} : { origin }),
  };
};

const approvalPart = ({ status, decidedBy, decidedAtMs, decisionReason, approvals }: PackagedVersion) =>
  decidedBy === undefined || decidedAtMs === undefined
    ? undefined
    : {
        status,
        decidedBy,
        decidedAt: isoTime(decidedAtMs),
        ...(decisionReason === undefined ? {} : { reason: decisionReason }),
        ...(approvals === undefined ? {} : { approvals }),
      };

/** What the model knew: its features as they were defined, the data that they were computed from, the code that did. */
const madeFrom = ({ bill }: VerifiedPackage, version: PackagedVersion) => ({
  data: bill && {
    snapshotId: bill.snapshot.snapshotId,
    dataset: bill.snapshot.dataset,
    asOf: isoTime(bill.snapshot.asOfMs),
    trainedThrough: isoTime(version.trainedThroughMs),
    objects: bill.snapshot.objects,
  },
  features: bill && { featuresSql: bill.definition.data.featuresSql, features: bill.definition.features },
  trainingCode: bill && { ...bill.build, runtime: bill.runtime, trainer: bill.definition.trainer },
});

const rolloutPart = (rollout: Rollout | undefined) =>
  rollout && {
    rolloutId: rollout.rolloutId,
    kind: rollout.kind,
    status: rollout.status,
    startedAt: isoTime(rollout.startedAtMs),
    ...(rollout.endedAtMs === undefined ? {} : { endedAt: isoTime(rollout.endedAtMs) }),
    ...(rollout.lambdaVersion === undefined ? {} : { lambdaVersion: rollout.lambdaVersion }),
    ...(rollout.codeSha256 === undefined ? {} : { codeSha256: rollout.codeSha256 }),
    shifts: (rollout.shifts ?? []).map(({ weight, atMs }) => ({ weight, at: isoTime(atMs) })),
  };

const evidenceCheck = async (deps: ExplainDeps, version: PackagedVersion): Promise<Check> => {
  const evidence = await deps.readEvidence(version.model, version.version);
  const fault = versionFault(version.model, version, evidence, (text) => hash('sha256', text));
  const claim = 'the version stands as the audit log has it on record';
  return fault === undefined ? { claim, holds: true } : { claim, holds: false, found: fault };
};

/**
 * Everything that led to a prediction, each link held against the next by its digest: the answer, the model's bytes, the
 * run with its data, features and code, who let it serve, and how the traffic was divided then. `verified` when every
 * link holds.
 */
export const explainPrediction = async (deps: ExplainDeps, found: FoundPrediction): Promise<object> => {
  const { record, object } = found;
  const { model } = record;
  const version = requirePackaged(await deps.registry.getVersion(model, record.version), 'explained');
  const [package_, run, rollouts, evidence] = await Promise.all([
    verifyPackage(deps.artifacts, version),
    deps.registry.getRun(model, version.runId),
    rolloutsUntil(deps, found),
    evidenceCheck(deps, version),
  ]);
  const rollout = rolloutOf(rollouts, record);
  const traffic = trafficAt(rollouts, record.atMs);
  const checks = [
    check('the prediction was answered by the registered model bytes', record.modelDigest, version.modelDigest),
    evidence,
    ...package_.checks,
    check('the version was approved', version.status, 'APPROVED'),
    // A version that came from another stage was trained there.
    ...(version.origin
      ? []
      : [check('the run that registered the version is on record', run?.version, version.version)]),
    check('a rollout brought the version into service', rollout?.version, version.version),
  ];
  const { inputs, sources, output, latencyMs, lambdaVersion, engine } = record;
  return {
    prediction: {
      predictionId: record.predictionId,
      model,
      version: record.version,
      at: isoTime(record.atMs),
      inputs,
      ...(sources === undefined ? {} : { sources }),
      output,
      latencyMs,
      ...(lambdaVersion === undefined ? {} : { lambdaVersion }),
      ...(engine === undefined ? {} : { engine }),
      object,
    },
    modelVersion: versionPart(version),
    approval: approvalPart(version),
    run: runPart(run),
    ...madeFrom(package_, version),
    rollout: rolloutPart(rollout),
    traffic,
    checks,
    verified: checks.every(({ holds }) => holds),
  };
};
