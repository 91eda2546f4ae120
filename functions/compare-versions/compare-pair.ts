import { loadVerifiedModel } from '../../shared/adapters/s3/verified-model.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { ShadowDefinition } from '../../shared/contracts/shadow-definition.ts';
import {
  type ShadowDay,
  type ShadowVerdict,
  shadowDays,
  shadowStartMs,
  shadowVerdict,
} from '../../shared/core/deployment/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';
import { compareDay } from './score-day.ts';

export interface PairSources {
  readonly data: Pick<ArtifactStore, 'get' | 'list'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly runtime: ModelRuntime;
  readonly days: ShadowDays;
  readonly clock: Clock;
  /** Whether there is time for another day. */
  readonly hasTime: () => boolean;
}

export interface Pair {
  readonly definition: ModelDefinition;
  readonly shadow: ShadowDefinition;
  readonly challenger: PackagedVersion;
  readonly champion: PackagedVersion;
  /** Days whose labels were complete by then. */
  readonly dueMs: number;
}

const isOver = ({ decision, dayCount }: ShadowVerdict, { days }: ShadowDefinition): boolean =>
  decision !== 'not enough evidence' || dayCount >= days;

/** The closed days of a pair that are not on record, oldest first. */
const pendingDays = (
  { shadow, challenger, champion, dueMs }: Pair,
  standing: readonly ShadowDay[],
): readonly string[] => {
  const done = new Set(standing.map(({ day }) => day));
  const fromMs = shadowStartMs(challenger, champion, shadow.days);
  return shadowDays({ fromMs, dueMs, labelDelayDays: shadow.labelDelayDays }).filter((day) => !done.has(day));
};

/**
 * Compares a pair on the days that closed since, day by day, until it is decided, or time is up: the next run goes on.
 * Each day is on record before the next one is begun.
 */
export const comparePair = async (
  { data, artifacts, runtime, days, clock, hasTime }: PairSources,
  pair: Pair,
): Promise<{ readonly verdict: ShadowVerdict; readonly comparedDays: readonly string[] }> => {
  const { definition, shadow } = pair;
  const { name: model, task } = definition;
  const versions = { model, challenger: pair.challenger.version, champion: pair.champion.version };
  let standing = await days.list(versions);
  let verdict = shadowVerdict(standing, shadow);
  const comparedDays: string[] = [];
  const pending = isOver(verdict, shadow) ? [] : pendingDays(pair, standing);
  if (pending.length === 0) return { verdict, comparedDays };
  const challenger = await loadVerifiedModel(artifacts, runtime, pair.challenger);
  const champion = await loadVerifiedModel(artifacts, runtime, pair.champion);
  try {
    for (const day of pending) {
      if (isOver(verdict, shadow) || !hasTime()) break;
      const { labelDelayDays } = shadow;
      const compared = await compareDay(data, { model, day, labelDelayDays, task, challenger, champion });
      const isFirst = await days.putIfAbsent({ ...versions, day, ...compared, computedAtMs: clock.nowMs() });
      if (isFirst) comparedDays.push(day);
      standing = await days.list(versions);
      verdict = shadowVerdict(standing, shadow);
    }
  } finally {
    await challenger.release();
    await champion.release();
  }
  return { verdict, comparedDays };
};
