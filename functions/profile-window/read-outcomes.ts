import { datasetPrefix } from '../../shared/contracts/artifacts.ts';
import type { WindowFile } from '../../shared/contracts/drift-workflow.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { dayIndexKey, foldedPrefix, labelCountOf } from '../../shared/contracts/monitoring-keys.ts';
import { measureQuality } from '../../shared/core/evaluation/index.ts';
import {
  type DaySummary,
  decodeIndex,
  decodeMarker,
  joinLabels,
  type PredictionIndex,
} from '../../shared/core/monitoring/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { readInParallel } from './read-in-parallel.ts';

interface Request {
  readonly definition: ModelDefinition;
  readonly foldId: string;
  readonly days: readonly DaySummary[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

const MOST_OBJECTS = 100_000;

/** The labels that arrived from the window's start on, object by object. */
const readLabels = async (data: ArtifactStore, { definition, foldId, fromMs, nowMs }: Request) => {
  const days: string[] = [];
  for (let dayMs = fromMs; dayMs <= nowMs; dayMs += DAY_MS) days.push(utcDay(dayMs));
  const markers = await Promise.all(
    days.map((day) => data.list(foldedPrefix(definition.name, foldId, day), MOST_OBJECTS)),
  );
  const labelled = markers.flat().filter(({ key }) => labelCountOf(key) > 0);
  return readInParallel(data, labelled, (bytes) => decodeMarker(bytes).labels);
};

const newestAtMs = (indexes: readonly PredictionIndex[]): number | undefined => {
  const newest = indexes.reduce((all, { atMs }) => atMs.reduce((max, at) => Math.max(max, at), all), 0);
  return newest === 0 ? undefined : newest;
};

/** Data that is older is as good as none. */
const LOOK_BACK_DAYS = 30;

const lastDataDay = async (data: ArtifactStore, dataset: string, nowMs: number): Promise<string | undefined> => {
  for (let daysAgo = 0; daysAgo <= LOOK_BACK_DAYS; daysAgo += 1) {
    const day = utcDay(nowMs - daysAgo * DAY_MS);
    if ((await data.list(`${datasetPrefix(dataset)}known=${day}/`)).length > 0) return day;
  }
  return undefined;
};

/** How good the window's answers were, as far as the truth is known by now, and how old the newest of everything is. */
export const readOutcomes = async (
  data: ArtifactStore,
  request: Request,
): Promise<Pick<WindowFile, 'quality' | 'newest'>> => {
  const { definition, foldId, days, nowMs } = request;
  const indexes = await readInParallel(
    data,
    days.map(({ day }) => ({ key: dayIndexKey(definition.name, foldId, day), etag: '' })),
    decodeIndex,
  );
  const labels = await readLabels(data, request);
  const rows = joinLabels(indexes, labels.flat());
  const known = labels.flat().reduce((max, { knownAtMs }) => Math.max(max, knownAtMs), 0);
  const [lastPredictionAtMs, dataDay] = [newestAtMs(indexes), await lastDataDay(data, definition.data.dataset, nowMs)];
  return {
    ...(rows.labels.length === 0 ? {} : { quality: measureQuality(definition.task, rows) }),
    newest: {
      ...(lastPredictionAtMs === undefined ? {} : { lastPredictionAtMs }),
      ...(known === 0 ? {} : { lastLabelKnownAtMs: known }),
      ...(dataDay === undefined ? {} : { lastDataDay: dataDay }),
    },
  };
};
