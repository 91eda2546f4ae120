import { gzipSync } from 'node:zlib';
import { createHandler as createDetectDrift } from '../../functions/detect-drift/handler.ts';
import { createHandler as createFoldCaptures } from '../../functions/fold-captures/handler.ts';
import { createHandler as createPlanFolds } from '../../functions/plan-folds/handler.ts';
import { createHandler as createProfileWindow } from '../../functions/profile-window/handler.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../shared/adapters/memory/event-publisher.ts';
import { captureDayPrefix, REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { DRIFT_CALIBRATION_FILE, DRIFT_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { calibrateDrift } from '../../shared/core/drift/index.ts';
import { encodeReference, makeProfile, makeTrainingReference } from '../../shared/core/monitoring/index.ts';
import type { ModelVersion } from '../../shared/core/registry/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { benchDefinition } from './training-bench.ts';

/** The functions of the drift check over one store, one after another, as the workflow runs them. */

const MODEL = 'toy';
const TRAINED_FROM = Date.UTC(2001, 0, 1);
const TRAINED_DAYS = 14;
const ROWS_A_DAY = 48;
export const SERVED_FROM = TRAINED_FROM + TRAINED_DAYS * DAY_MS;
export const WINDOW_DAYS = 2;
export const CHECKED_AT = SERVED_FROM + WINDOW_DAYS * DAY_MS + 6 * HOUR_MS;

const definition = benchDefinition({ monitors: { windowDays: WINDOW_DAYS, minRows: 20 } });
const features = definition.features;

const xOf = (i: number): number => ((i * 31) % ROWS_A_DAY) / ROWS_A_DAY;
const trained = Array.from({ length: TRAINED_DAYS * ROWS_A_DAY }, (_, i) => ({
  x: xOf(i),
  kind: ['a', 'b', 'c'][i % 3] ?? '',
  atMs: TRAINED_FROM + Math.floor(i / ROWS_A_DAY) * DAY_MS + (i % 24) * HOUR_MS,
}));
const table = {
  features,
  columns: new Map<string, Float64Array | readonly string[]>([
    ['x', Float64Array.from(trained, ({ x }) => x)],
    ['kind', trained.map(({ kind }) => kind)],
  ]),
  eventAtMs: trained.map(({ atMs }) => atMs),
  predictions: Float32Array.from(trained, ({ x }) => x),
};
const profile = makeProfile({
  task: definition.task,
  ...table,
  labels: table.predictions.map(Math.round),
  windowDays: 2,
});
const reference = makeTrainingReference({ ...table, blockDays: 1, slices: [] });
export const PROFILED: Readonly<Record<string, Uint8Array>> = {
  [REFERENCE_PROFILE_FILE]: toJsonFile(profile),
  [DRIFT_REFERENCE_FILE]: encodeReference(reference),
  [DRIFT_CALIBRATION_FILE]: toJsonFile(calibrateDrift(reference, { windowDays: WINDOW_DAYS })),
};
export const OLD = { [REFERENCE_PROFILE_FILE]: toJsonFile(profile) };

export const predictionLine = (predictionId: string, atMs: number, i: number, change: object = {}): string =>
  JSON.stringify({
    kind: 'prediction',
    predictionId,
    atMs,
    model: MODEL,
    version: 1,
    modelDigest: 'd',
    inputs: { x: Math.fround(xOf(i)), kind: ['a', 'b', 'c'][i % 3] },
    output: Math.fround(xOf(i)),
    latencyMs: 1,
    ...change,
  });
export const labelLine = (predictionId: string, label: number, knownAtMs: number): string =>
  JSON.stringify({ kind: 'label', predictionId, model: MODEL, label, knownAtMs, receivedAtMs: knownAtMs });

export const openBench = (files: Readonly<Record<string, Uint8Array>> = PROFILED) => {
  const data = createMemoryArtifactStore();
  const events = createMemoryEventPublisher();
  let nowMs = CHECKED_AT;
  const clock = { nowMs: () => nowMs };
  const definitions = new Map([[MODEL, definition]]);
  const packaged = { artifactPrefix: 'models/toy/d/', manifestDigest: 'm' };
  const registry = {
    getDeployment: async () => ({ version: 1 }),
    getVersion: async () =>
      ({ model: MODEL, version: 1, status: 'APPROVED', modelDigest: 'd', ...packaged }) as unknown as ModelVersion,
  } as unknown as Parameters<typeof createPlanFolds>[0]['registry'];
  const versionFiles = { read: async (_: unknown, file: string) => files[file] };
  const lineage = { record: async () => {} };
  const shared = { stage: 'test', definitions, files: versionFiles, lineage, clock };
  const input = { model: MODEL, scheduledAt: new Date(CHECKED_AT).toISOString() };

  const plan = async (store: ArtifactStore = data) => {
    const planned = await createPlanFolds({ ...shared, registry, data: store })(input);
    if (planned.outcome !== 'planned') throw new Error(planned.outcome);
    return planned;
  };
  const fold = async (items: Awaited<ReturnType<typeof plan>>['items'], store: ArtifactStore = data) => {
    for (const item of items)
      await createFoldCaptures({ data: store, files: versionFiles })({ model: MODEL, package: packaged, item });
  };
  const check = async (store: ArtifactStore = data): Promise<DriftReport> => {
    const { version } = await plan(store);
    const window = await createProfileWindow({ ...shared, data: store })({ ...input, version, package: packaged });
    const { reportKey } = await createDetectDrift({ ...shared, data: store, events })({
      model: MODEL,
      package: packaged,
      ...window,
    });
    return JSON.parse(new TextDecoder().decode(await data.get(reportKey)));
  };
  return {
    data,
    events,
    plan,
    fold,
    check,
    waitUntil: (atMs: number) => {
      nowMs = atMs;
    },
    capture: (name: string, arrivedAtMs: number, lines: readonly string[]) =>
      data.put(
        `${captureDayPrefix(MODEL, utcDay(arrivedAtMs))}${new Date(arrivedAtMs).toISOString().slice(11, 13)}/${name}`,
        gzipSync(`${lines.join('\n')}\n`),
      ),
    whole: async () => {
      await fold((await plan()).items);
      return check();
    },
    /** Everything that was made, by key. */
    made: async () => {
      const objects = await data.list('');
      return objects.filter(({ key }) => !key.startsWith('capture/')).map(({ key, etag }) => `${key} ${etag}`);
    },
  };
};

/** A day of traffic as it was trained on, in an object every three hours. */
export const serveDay = async (
  bench: ReturnType<typeof openBench>,
  day: number,
  change: object = {},
): Promise<void> => {
  for (let first = 0; first < 24; first += 3) {
    const lines = [first, first + 1, first + 2].flatMap((hour) => {
      const atMs = SERVED_FROM + day * DAY_MS + hour * HOUR_MS;
      return [0, 1].map((n) => predictionLine(`p-${day}-${hour}-${n}`, atMs, hour + 24 * n, change));
    });
    await bench.capture(`o-${day}-${first}`, SERVED_FROM + day * DAY_MS + first * HOUR_MS, lines);
  }
};

export const serveBoth = async (bench: ReturnType<typeof openBench>) => {
  await serveDay(bench, 0);
  await serveDay(bench, 1);
  return bench;
};

/** A store, and how often it was asked for what. */
export const countingCalls = (store: ArtifactStore) => {
  const counts = { get: 0, put: 0, list: 0 };
  const counted =
    <Name extends keyof typeof counts>(name: Name): ArtifactStore[Name] =>
    (...asked: never[]) => {
      counts[name] += 1;
      return (store[name] as (...given: never[]) => never)(...asked);
    };
  return { counts, store: { ...store, get: counted('get'), put: counted('put'), list: counted('list') } };
};
