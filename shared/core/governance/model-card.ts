import type {
  Approval,
  Deployment,
  ModelVersion,
  PackagedVersion,
  Rollout,
  RuleResult,
  TrainingRun,
  VersionLifecycle,
} from '../registry/index.ts';
import { type ApprovalPolicy, submitterOf } from './approval-policy.ts';
import type { VersionScore } from './score-matrix.ts';

/** What a reader should know of a version before using it, put together from what is on record and nothing else. */

type Settings = Readonly<Record<string, unknown>>;

/** A definition, as far as a card tells it. */
export interface CardDefinition {
  readonly description: string;
  readonly task: string;
  readonly data: {
    readonly dataset: string;
    readonly source: { readonly package: string; readonly file: string };
    readonly featuresSql: string;
    readonly warmUpDays: number;
    readonly trainingDays?: number | undefined;
    readonly maxRows: number;
  };
  readonly features: readonly {
    readonly name: string;
    readonly type: string;
    readonly min?: number | undefined;
    readonly max?: number | undefined;
    readonly nullable: boolean;
  }[];
  readonly trainer: Settings;
  readonly checks: Settings;
  /** Thresholds of the quality gate. */
  readonly evaluation: Settings;
}

interface CardQuality {
  readonly rowCount: number;
  readonly loss: number;
  readonly labelMean: number;
  readonly predictionMean: number;
  readonly auc?: number | undefined;
  readonly brier?: number | undefined;
}

export interface CardEvaluation {
  readonly task: string;
  readonly passed: boolean;
  readonly findings: readonly RuleFinding[];
  readonly candidate: { readonly quality: CardQuality; readonly days: readonly { readonly day: string }[] };
  readonly champion?: { readonly quality: CardQuality } | undefined;
  readonly baseline: { readonly prediction: number; readonly loss: number };
  readonly championVersion?: number | undefined;
}

interface RuleFinding {
  readonly rule: string;
  readonly passed: boolean;
  readonly message: string;
}

/** A bill of materials, as far as a card tells it. */
export interface CardMaterials {
  readonly snapshot: {
    readonly snapshotId: string;
    readonly dataset: string;
    readonly asOfMs: number;
    readonly objects: readonly { readonly sizeBytes: number }[];
  };
  readonly definition: CardDefinition;
  readonly rounds: number | null;
  readonly build: { readonly lockfile: string };
  readonly runtime: { readonly node: string; readonly architecture: string };
}

/** What was read, and whether that was all there is. */
interface Counted {
  readonly complete: boolean;
}

/** What is on record about a version. */
export interface CardEvidence {
  readonly version: ModelVersion;
  readonly owner: string;
  /** Of the model as it is deployed now; absent when it is not. */
  readonly deployedDefinition?: CardDefinition | undefined;
  readonly policy: ApprovalPolicy;
  readonly evaluation?: CardEvaluation | undefined;
  readonly materials?: CardMaterials | undefined;
  readonly run?: TrainingRun | undefined;
  /** On every dataset, the run's own holdout included. */
  readonly scores: readonly VersionScore[];
  /** Of this version, newest first. */
  readonly rollouts: Counted & { readonly items: readonly Rollout[] };
  /** What serves the model now, whichever version it is. */
  readonly deployment?: Deployment | undefined;
  readonly comments: Counted & { readonly count: number };
}

/** A card without its number and the time at which it was made: the same evidence gives the same content. */
export interface CardContent {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly version: number;
  readonly owner: string;
  /** Of the version where it has its own, or else of its model. */
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly status: string;
  readonly lifecycle: VersionLifecycle;
  readonly lifecycleChange?: { readonly by: string; readonly atMs: number; readonly reason: string } | undefined;
  readonly registeredAtMs: number;
  readonly source: string;
  /** Of a version with a package only. */
  readonly package?:
    | (Pick<PackagedVersion, 'modelDigest' | 'manifestDigest' | 'artifactPrefix' | 'datasetSnapshot' | 'origin'> & {
        readonly runId: string;
        readonly submitter: string;
        readonly trainedThroughMs: number;
        readonly metrics: Readonly<Record<string, number>>;
      })
    | undefined;
  readonly policy: ApprovalPolicy;
  readonly decision?:
    | {
        readonly by: string;
        readonly atMs?: number | undefined;
        readonly reason?: string | undefined;
        readonly rules: readonly RuleResult[];
      }
    | undefined;
  readonly approvals: readonly Approval[];
  /** `as trained`: by the version's bill of materials; `as deployed`: what the model is now, for want of one. */
  readonly definition?: (CardDefinition & { readonly stands: 'as trained' | 'as deployed' }) | undefined;
  readonly evaluation?: CardEvaluation | undefined;
  readonly materials?:
    | {
        readonly snapshotId: string;
        readonly asOfMs: number;
        readonly objectCount: number;
        readonly sizeBytes: number;
        readonly rounds: number | null;
        readonly lockfile: string;
        readonly node: string;
        readonly architecture: string;
      }
    | undefined;
  readonly run?: Omit<TrainingRun, 'model' | 'version'> | undefined;
  readonly scores: readonly VersionScore[];
  readonly rollouts: Counted & { readonly items: readonly CardRollout[] };
  readonly serving: boolean;
  readonly deployment?: Deployment | undefined;
  readonly comments: CardEvidence['comments'];
  readonly limitations: readonly string[];
}

/** Weights are left out: they change from minute to minute while a rollout runs. */
type CardRollout = Pick<Rollout, 'rolloutId' | 'kind' | 'status' | 'startedAtMs' | 'endedAtMs' | 'reason'>;

/** A card as it is kept. */
export interface ModelCard {
  /** From 1: one more whenever the content changed. */
  readonly cardVersion: number;
  /** SHA-256 of the content as canonical JSON. */
  readonly digest: string;
  readonly generatedAtMs: number;
  readonly content: CardContent;
}

/** What the evidence does not show. */
const limitationsOf = (evidence: CardEvidence): readonly string[] => {
  const { version, evaluation, materials, policy, scores } = evidence;
  const packaged = version.modelDigest !== undefined;
  const claims: readonly (readonly [boolean, string])[] = [
    [!packaged, 'its files are a client’s: this platform has neither checked nor measured them'],
    [version.collectedAtMs !== undefined, 'its files have been collected, and with them its evaluation'],
    [evaluation === undefined, 'no evaluation is on record: its quality was not shown on rows that it had not seen'],
    [evaluation?.passed === false, 'it did not pass its quality gate'],
    [
      evaluation !== undefined && evaluation.champion === undefined,
      'it was compared with the base rate alone, with no earlier version',
    ],
    [packaged && materials === undefined, 'no bill of materials is on record: it cannot be made again from its data'],
    [version.status === 'APPROVED' && policy.mode === 'automatic', 'its approval needs no person’s judgement'],
    [!scores.some(({ dataset }) => !dataset.startsWith('holdout:')), 'it was measured on no dataset but its holdout'],
  ];
  return claims.flatMap(([holds, text]) => (holds ? [text] : []));
};

const packageOf = (version: ModelVersion, run: TrainingRun | undefined): CardContent['package'] => {
  if (version.modelDigest === undefined) return undefined;
  const { modelDigest, manifestDigest, artifactPrefix, datasetSnapshot, origin, runId } = version;
  const { trainedThroughMs, metrics } = version;
  const digests = { modelDigest, manifestDigest, artifactPrefix, datasetSnapshot };
  const submitter = submitterOf(version, run);
  return { ...digests, runId, submitter, trainedThroughMs, metrics, ...(origin === undefined ? {} : { origin }) };
};

const decisionOf = (version: ModelVersion): CardContent['decision'] => {
  const { decidedBy, decidedAtMs, decisionReason, decisionEvidence = [] } = version;
  if (decidedBy === undefined) return undefined;
  return { by: decidedBy, atMs: decidedAtMs, reason: decisionReason, rules: decisionEvidence };
};

const materialsOf = (materials: CardMaterials | undefined): CardContent['materials'] => {
  if (materials === undefined) return undefined;
  const { snapshot, rounds, build, runtime } = materials;
  return {
    snapshotId: snapshot.snapshotId,
    asOfMs: snapshot.asOfMs,
    objectCount: snapshot.objects.length,
    sizeBytes: snapshot.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    rounds,
    lockfile: build.lockfile,
    ...runtime,
  };
};

const definitionOf = ({ materials, deployedDefinition }: CardEvidence): CardContent['definition'] => {
  const standing = materials?.definition ?? deployedDefinition;
  if (standing === undefined) return undefined;
  const { description, task, data, features, trainer, checks, evaluation } = standing;
  const stands = materials === undefined ? 'as deployed' : 'as trained';
  return { stands, description, task, data, features, trainer, checks, evaluation };
};

const runOf = (run: TrainingRun | undefined): CardContent['run'] => {
  if (run === undefined) return undefined;
  const { model: _model, version: _version, ...rest } = run;
  return rest;
};

const rolloutOf = ({ rolloutId, kind, status, startedAtMs, endedAtMs, reason }: Rollout): CardRollout => ({
  rolloutId,
  kind,
  status,
  startedAtMs,
  ...(endedAtMs === undefined ? {} : { endedAtMs }),
  ...(reason === undefined ? {} : { reason }),
});

const lifecycleChangeOf = (version: ModelVersion): CardContent['lifecycleChange'] => {
  const { lifecycle, lifecycleBy: by, lifecycleAtMs: atMs, lifecycleReason: reason = '' } = version;
  return lifecycle === undefined || by === undefined || atMs === undefined ? undefined : { by, atMs, reason };
};

/** The content of a version's card. Fields without evidence are undefined. */
export const describeVersion = (evidence: CardEvidence): CardContent => {
  const { version, run, deployment, rollouts } = evidence;
  const definition = definitionOf(evidence);
  return {
    schemaVersion: 1,
    model: version.model,
    version: version.version,
    owner: evidence.owner,
    description: version.description === '' ? (definition?.description ?? '') : version.description,
    tags: Object.fromEntries(Object.entries(version.tags).map(([key, value]) => [key.toWellFormed(), value])),
    status: version.status,
    lifecycle: version.lifecycle ?? 'IN_USE',
    lifecycleChange: lifecycleChangeOf(version),
    registeredAtMs: version.registeredAtMs,
    source: version.source,
    package: packageOf(version, run),
    policy: evidence.policy,
    decision: decisionOf(version),
    approvals: version.approvals ?? [],
    definition,
    evaluation: evidence.evaluation,
    materials: materialsOf(evidence.materials),
    run: runOf(run),
    scores: evidence.scores,
    rollouts: { complete: rollouts.complete, items: rollouts.items.map(rolloutOf) },
    serving: deployment?.version === version.version,
    // Of another version it would change this card whenever that one is promoted again.
    deployment: deployment?.version === version.version ? deployment : undefined,
    comments: evidence.comments,
    limitations: limitationsOf(evidence),
  };
};
