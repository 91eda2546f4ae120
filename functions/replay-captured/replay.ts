import type { VerifiedModel } from '../../shared/adapters/s3/verified-model.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { ReplayReport } from '../../shared/contracts/replay.ts';
import {
  defaultChangedAbove,
  missingFeatures,
  ownFailures,
  pairsOf,
  type ReplayedAnswer,
  replayParts,
  replayReasons,
  scoreCaptured,
} from '../../shared/core/deployment/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { openVersion, type VersionSources } from './open-version.ts';
import { type CapturedRow, readNewest } from './read-newest.ts';
import { type Stopwatch, timeRows } from './time-rows.ts';

export interface ReplaySources extends VersionSources {
  readonly data: Pick<ArtifactStore, 'list' | 'get'>;
  readonly stopwatch: Stopwatch;
}

export interface ReplayRequest {
  readonly definition: ModelDefinition;
  readonly challenger: number;
  readonly champion: number | undefined;
  readonly nowMs: number;
}

/** What a replay finds; the rest of the report says which rollout it was of. */
export type Replay = Omit<ReplayReport, 'model' | 'rolloutId' | 'challenger' | 'champion' | 'atMs'>;

const countOf = (answers: readonly ReplayedAnswer[], standing: 'failed' | 'not comparable'): number =>
  answers.filter((answer) => answer === standing).length;

/** A replay that compared nothing. */
export const notReplayed = (outcome: Replay['outcome'], why: Partial<Pick<Replay, 'reasons' | 'notes'>>): Replay => ({
  outcome,
  reasons: why.reasons ?? [],
  notes: why.notes ?? [],
  rowCount: 0,
  notComparableCount: 0,
  challengerFailures: 0,
  championFailures: 0,
  changedAbove: 0,
  parts: [],
});

const notesOf = (
  challenger: VerifiedModel,
  champion: VerifiedModel | string | undefined,
  inputs: readonly CapturedRow['inputs'][],
  notComparableCount: number,
): readonly string[] => [
  ...(champion === undefined ? ['no version is in service: nothing to compare with'] : []),
  ...(typeof champion === 'string' ? [`the champion could not be asked: ${champion}`] : []),
  ...(notComparableCount > 0
    ? [
        `${notComparableCount} of ${inputs.length} captured inputs have no ${missingFeatures(challenger.signature, inputs).join(', ')} as the challenger reads it: not comparable`,
      ]
    : []),
];

/** Scores the rows by both versions. */
const compare = async (
  { stopwatch }: ReplaySources,
  { definition }: ReplayRequest,
  {
    challenger,
    champion,
    rows,
  }: {
    readonly challenger: VerifiedModel;
    readonly champion: VerifiedModel | string | undefined;
    readonly rows: readonly CapturedRow[];
  },
): Promise<Replay> => {
  const { task, deployment } = definition;
  const inputs = rows.map((row) => row.inputs);
  const opened = typeof champion === 'string' ? undefined : champion;
  const ours = await scoreCaptured(challenger, inputs);
  const theirs = opened === undefined ? undefined : await scoreCaptured(opened, inputs);
  const changedAbove = deployment.replay.changedAbove ?? defaultChangedAbove(task, theirs ?? []);
  const parts = replayParts(pairsOf(inputs, ours, theirs ?? []), deployment.judge?.slices ?? [], changedAbove);
  const both = inputs.filter((_, i) => typeof ours[i] === 'number' && typeof theirs?.[i] === 'number');
  const latency = opened && (await timeRows(stopwatch, { challenger, champion: opened }, both));
  const notComparableCount = countOf(ours, 'not comparable');
  const comparableCount = rows.length - notComparableCount;
  const failureCount = ownFailures(ours, theirs);
  const reasons = replayReasons({ comparableCount, failureCount, parts, latency }, deployment.replay);
  return {
    outcome: reasons.length === 0 ? 'passed' : 'refused',
    reasons: [...reasons],
    notes: [...notesOf(challenger, champion, inputs, notComparableCount)],
    fromMs: rows.at(-1)?.atMs,
    toMs: rows[0]?.atMs,
    rowCount: rows.length,
    notComparableCount,
    challengerFailures: countOf(ours, 'failed'),
    championFailures: theirs === undefined ? 0 : countOf(theirs, 'failed'),
    changedAbove,
    parts: [...parts],
    ...(latency === undefined ? {} : { latency }),
  };
};

/** Scores the newest captured inputs by challenger and champion and holds the differences against the definition. */
export const replay = async (sources: ReplaySources, request: ReplayRequest): Promise<Replay> => {
  const { definition, nowMs } = request;
  const model = definition.name;
  const { rows: most } = definition.deployment.replay;
  if (most === 0) return notReplayed('passed', { notes: ['deployment.replay.rows is 0: nothing was replayed'] });
  const rows = await readNewest(sources.data, { model, nowMs, rows: most });
  if (rows.length === 0) return notReplayed('nothing captured', { notes: ['no prediction was captured in 30 days'] });
  const challenger = await openVersion(sources, model, request.challenger);
  if (typeof challenger === 'string')
    return notReplayed('refused', { reasons: [`it cannot be loaded: ${challenger}`] });
  const champion = request.champion === undefined ? undefined : await openVersion(sources, model, request.champion);
  try {
    return await compare(sources, request, { challenger, champion, rows });
  } finally {
    await challenger.release();
    if (typeof champion === 'object') await champion.release();
  }
};
