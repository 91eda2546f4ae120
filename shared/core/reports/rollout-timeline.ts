import type { Rollout } from '../registry/index.ts';
import { rolloutReportPath } from './report-paths.ts';

/** One rollout among all of its model. */
export interface TimelineRollout {
  readonly rolloutId: string;
  readonly kind: Rollout['kind'];
  readonly version: number;
  readonly previousVersion?: number;
  readonly status: Rollout['status'];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  /** The person whose word ended it. */
  readonly decidedBy?: string;
  readonly reason?: string;
  /** Path below the model's. */
  readonly report: string;
}

/** Champion and challengers of a model over time. */
export interface RolloutTimeline {
  readonly schemaVersion: 1;
  readonly model: string;
  /** When it was made: what runs, runs until then. */
  readonly atMs: number;
  /** Newest first. */
  readonly rollouts: readonly TimelineRollout[];
  /** Whether these are all. */
  readonly complete: boolean;
  /** Which version was the champion from when, oldest first, as the rollouts above tell it. */
  readonly champions: readonly { readonly version: number; readonly fromMs: number }[];
}

const championsOf = (oldestFirst: readonly Rollout[]): RolloutTimeline['champions'] => {
  const first = oldestFirst[0];
  const before = first?.previousVersion;
  const champions = first === undefined || before === undefined ? [] : [{ version: before, fromMs: first.startedAtMs }];
  for (const { kind, status, version, endedAtMs } of oldestFirst) {
    if (kind !== 'model' || status !== 'PROMOTED' || endedAtMs === undefined) continue;
    if (champions.at(-1)?.version !== version) champions.push({ version, fromMs: endedAtMs });
  }
  return champions;
};

/** @param rollouts in any order; `complete` says whether they are all. */
export const rolloutTimeline = ({
  model,
  rollouts,
  complete,
  atMs,
}: Pick<RolloutTimeline, 'model' | 'complete' | 'atMs'> & {
  readonly rollouts: readonly Rollout[];
}): RolloutTimeline => {
  const newestFirst = rollouts.toSorted((a, b) => b.startedAtMs - a.startedAtMs);
  return {
    schemaVersion: 1,
    model,
    atMs,
    complete,
    champions: championsOf(newestFirst.toReversed()),
    rollouts: newestFirst.map(
      ({ rolloutId, kind, version, previousVersion, status, startedAtMs, endedAtMs, decision, reason }) => ({
        rolloutId,
        kind,
        version,
        ...(previousVersion === undefined ? {} : { previousVersion }),
        status,
        startedAtMs,
        ...(endedAtMs === undefined ? {} : { endedAtMs }),
        ...(decision === undefined ? {} : { decidedBy: decision.decidedBy }),
        ...(reason === undefined ? {} : { reason }),
        report: rolloutReportPath(rolloutId),
      }),
    ),
  };
};
