import { readJson } from '../../shared/adapters/pages/read-reports.ts';
import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { STALENESS_FILE, type Staleness } from '../../shared/contracts/retraining-worth.ts';
import type { ModelVersion, Rollout, TrainingRun } from '../../shared/core/registry/index.ts';
import type { DailyFacts } from '../../shared/core/test-suite/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ShadowDays } from '../../shared/ports/shadow-days.ts';

/** What the registry knows of a model's versions, rollouts and runs, as far as a day's report tells it. */

export interface HistoryStores {
  readonly registry: Pick<ModelRegistry, 'listVersions' | 'listRollouts' | 'listRuns'>;
  readonly shadowDays: Pick<ShadowDays, 'list'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
}

type History = Pick<DailyFacts, 'rollouts' | 'runs' | 'pending' | 'shadow'> & {
  readonly paysFromDays: number | undefined;
};

const SHOWN = 10;
/** The newest versions beside the one in service that may have been compared with it. */
const MOST_PAIRS = 3;

const factsOf = ({ rolloutId, version, previousVersion, status, startedAtMs, endedAtMs, reason }: Rollout) => ({
  rolloutId,
  version,
  previousVersion,
  status,
  startedAtMs,
  endedAtMs,
  reason,
});

const runFacts = ({ runId, cause, status, startedAtMs, outcome, version }: TrainingRun) => ({
  runId,
  cause: String(cause.kind ?? 'unknown'),
  status,
  startedAtMs,
  outcome,
  version,
});

const findShadow = async (
  { shadowDays }: Pick<HistoryStores, 'shadowDays'>,
  model: string,
  versions: readonly ModelVersion[],
  champion: number | undefined,
): Promise<DailyFacts['shadow']> => {
  if (champion === undefined) return undefined;
  const challengers = versions.filter(({ version }) => version !== champion).slice(0, MOST_PAIRS);
  for (const { version: challenger } of challengers) {
    const days = await shadowDays.list({ model, challenger, champion });
    if (days.length === 0) continue;
    const told = days.map(({ day, rowCount, meanDifference }) => ({ day, rowCount, meanDifference }));
    return { challenger, champion, days: told };
  }
  return undefined;
};

/** From which age on the newest estimate that knows says that retraining pays. */
const findStaleness = async (
  { artifacts }: Pick<HistoryStores, 'artifacts'>,
  model: string,
  runs: readonly TrainingRun[],
): Promise<number | undefined> => {
  for (const { runId } of runs.filter(({ cause }) => cause.kind === 'alarm').slice(0, MOST_PAIRS)) {
    const staleness = await readJson<Staleness>(artifacts, `${runPrefix(model, runId)}${STALENESS_FILE}`);
    if (staleness !== undefined) return staleness.paysFromDays;
  }
  return undefined;
};

export const gatherHistory = async (
  stores: HistoryStores,
  {
    model,
    champion,
    comparesPairs,
  }: {
    readonly model: string;
    readonly champion: number | undefined;
    /** The definition has `deployment.shadow`. */
    readonly comparesPairs: boolean;
  },
): Promise<History> => {
  const { registry } = stores;
  const [{ items: versions }, { items: rollouts }, { items: runs }] = await Promise.all([
    registry.listVersions(model, SHOWN),
    registry.listRollouts(model, SHOWN),
    registry.listRuns(model, SHOWN),
  ]);
  const [shadow, paysFromDays] = await Promise.all([
    comparesPairs ? findShadow(stores, model, versions, champion) : undefined,
    findStaleness(stores, model, runs),
  ]);
  return {
    rollouts: rollouts.map(factsOf),
    runs: runs.map(runFacts),
    pending: versions.filter(({ status }) => status === 'PENDING_APPROVAL').map(({ version }) => version),
    shadow,
    paysFromDays,
  };
};
