import { runPrefix } from '../../contracts/artifacts.ts';
import { modelVersionNode, rolloutNode, runNode } from '../../contracts/lineage.ts';
import {
  RETRAINING_WORTH_FILE,
  type RetrainingWorth,
  STALENESS_FILE,
  type Staleness,
} from '../../contracts/retraining-worth.ts';
import type { RolloutLook } from '../../core/deployment/index.ts';
import type { LineageEdge } from '../../core/lineage/index.ts';
import type { ModelFacts, SummaryFacts } from '../../core/pages/index.ts';
import type { Rollout, TrainingRun } from '../../core/registry/index.ts';
import type { RolloutFacts } from '../../core/reports/index.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { LineageStore } from '../../ports/lineage-store.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import type { NotificationStore } from '../../ports/notification-store.ts';
import type { RolloutEvidenceStore } from '../../ports/rollout-evidence.ts';
import { readJson, readReports } from './read-reports.ts';

/** What the pages read, all of it bounded: a page takes a few hundred reads at most. */

export interface PageStores {
  readonly registry: Pick<ModelRegistry, 'getDeployment' | 'listRuns' | 'listRollouts' | 'listVersions'>;
  readonly rolloutEvidence: Pick<RolloutEvidenceStore, 'get' | 'listLooks'>;
  readonly lineage: Pick<LineageStore, 'upstream' | 'downstream'>;
  readonly data: Pick<ArtifactStore, 'get' | 'list'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly notifications: Pick<NotificationStore, 'list'>;
}

/** As its definition has it. */
export interface PageSubject {
  readonly name: string;
  readonly owner: string;
  readonly description: string;
}

const MOST_RUNS = 10;
const MOST_DAYS = 28;
const MOST_DAYS_OF_SUMMARY = 14;
const MOST_VERSIONS = 6;
const MOST_NOTIFICATIONS = 20;
const LOOKS_A_PAGE = 100;
/** A rollout takes about 1,000 looks at most. */
const MOST_LOOK_PAGES = 20;

const readLooks = async (
  { rolloutEvidence }: Pick<PageStores, 'rolloutEvidence'>,
  { model, rolloutId }: Rollout,
): Promise<Pick<RolloutFacts, 'looks' | 'looksComplete'>> => {
  const looks: RolloutLook[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_LOOK_PAGES; page += 1) {
    const found = await rolloutEvidence.listLooks(model, rolloutId, LOOKS_A_PAGE, cursor);
    looks.push(...found.items);
    cursor = found.nextCursor;
    if (cursor === undefined) return { looks, looksComplete: true };
  }
  return { looks, looksComplete: false };
};

/** A rollout with all that it was judged by. */
export const readRollout = async (
  stores: Pick<PageStores, 'rolloutEvidence'>,
  rollout: Rollout,
): Promise<RolloutFacts> => {
  const [judged, looks] = await Promise.all([
    stores.rolloutEvidence.get(rollout.model, rollout.rolloutId),
    readLooks(stores, rollout),
  ]);
  return { rollout, judged, ...looks };
};

/** What was thought of the runs; most were never asked about, and have nothing. */
const readWorth = async (
  { artifacts }: PageStores,
  runs: readonly TrainingRun[],
): Promise<Pick<ModelFacts, 'worth' | 'staleness'>> => {
  const read = await Promise.all(
    runs.map(async ({ model, runId }) => {
      const prefix = runPrefix(model, runId);
      const [worth, staleness] = await Promise.all([
        readJson<RetrainingWorth>(artifacts, `${prefix}${RETRAINING_WORTH_FILE}`),
        readJson<Staleness>(artifacts, `${prefix}${STALENESS_FILE}`),
      ]);
      return { runId, worth, staleness };
    }),
  );
  return {
    worth: Object.fromEntries(read.flatMap(({ runId, worth }) => (worth === undefined ? [] : [[runId, worth]]))),
    staleness: read.find(({ staleness }) => staleness !== undefined)?.staleness,
  };
};

const readLineage = async ({ registry, lineage }: PageStores, model: string): Promise<readonly LineageEdge[]> => {
  const { items } = await registry.listVersions(model, MOST_VERSIONS);
  const byVersion = await Promise.all(
    items.map(async ({ version, runId }) => {
      const node = modelVersionNode(model, version);
      const [before, after] = await Promise.all([lineage.upstream(node), lineage.downstream(node)]);
      const rollouts = after.items.flatMap(({ downstream }) => (downstream.kind === 'rollout' ? [downstream.id] : []));
      const [data, ...ends] = await Promise.all([
        runId === undefined ? undefined : lineage.upstream(runNode(model, runId)),
        ...rollouts.map((id) => lineage.downstream(rolloutNode(model, id.slice(model.length + 1)))),
      ]);
      return [before, after, ...(data === undefined ? [] : [data]), ...ends].flatMap((page) => page.items);
    }),
  );
  return byVersion.flat();
};

const newestRollout = async ({ registry }: PageStores, model: string): Promise<Rollout | undefined> =>
  (await registry.listRollouts(model, 1)).items[0];

const readShared = async (
  { registry, data }: PageStores,
  { name: model, owner, description }: PageSubject,
  dayCount: number,
) => {
  const [deployment, runs, reports] = await Promise.all([
    registry.getDeployment(model),
    registry.listRuns(model, MOST_RUNS),
    readReports(data, model, dayCount),
  ]);
  return { model, owner, description, deployment, runs: runs.items, ...reports };
};

/** What the fleet's page tells of a model. */
export const readSummaryFacts = async (
  stores: PageStores,
  subject: PageSubject,
  atMs: number,
): Promise<SummaryFacts> => {
  const [shared, rollout] = await Promise.all([
    readShared(stores, subject, MOST_DAYS_OF_SUMMARY),
    newestRollout(stores, subject.name),
  ]);
  return {
    ...shared,
    atMs,
    ...(rollout === undefined ? {} : { rollout: { rollout, looks: [], looksComplete: false } }),
  };
};

/** What a model's page tells. */
export const readModelFacts = async (stores: PageStores, subject: PageSubject, atMs: number): Promise<ModelFacts> => {
  const [shared, rollout, lineage, notifications] = await Promise.all([
    readShared(stores, subject, MOST_DAYS),
    newestRollout(stores, subject.name),
    readLineage(stores, subject.name),
    stores.notifications.list(subject.name),
  ]);
  const [worth, facts] = await Promise.all([
    readWorth(stores, shared.runs),
    rollout === undefined ? undefined : readRollout(stores, rollout),
  ]);
  return {
    ...shared,
    ...worth,
    atMs,
    lineage,
    rollout: facts,
    notifications: notifications.slice(0, MOST_NOTIFICATIONS),
  };
};
