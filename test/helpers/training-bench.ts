import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHandler as createBuildFeatures } from '../../functions/build-features/handler.ts';
import { createHandler as createCollectModel } from '../../functions/collect-model/handler.ts';
import { createHandler as createCompareReproduction } from '../../functions/compare-reproduction/handler.ts';
import { createHandler as createEvaluateModel } from '../../functions/evaluate-model/handler.ts';
import { createHandler as createPrepareReproduction } from '../../functions/prepare-reproduction/handler.ts';
import { createHandler as createProfileModel } from '../../functions/profile-model/handler.ts';
import { createHandler as createRegisterModelVersion } from '../../functions/register-model-version/handler.ts';
import { createHandler as createSnapshotData } from '../../functions/snapshot-data/handler.ts';
import { createHandler as createTrainModel } from '../../functions/train-model/handler.ts';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { readTrainingTable } from '../../shared/adapters/duckdb/training-table.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../shared/adapters/onnx/score-table.ts';
import { createStepCache } from '../../shared/adapters/s3/step-cache.ts';
import { readStoredCovers } from '../../shared/adapters/s3/stored-covers.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { datasetDayKey } from '../../shared/contracts/artifacts.ts';
import { defineModel, type ModelDefinitionInput } from '../../shared/contracts/model-definition.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';

/** The training functions over stores in memory, with the real DuckDB, trainer and ONNX runtime. */

export const BENCH_START_MS = Date.UTC(2001, 0, 1);
export const ROWS_A_DAY = 120;

/** A label that depends on a number and a category, with noise; every row is known an hour after its event. */
export const dayRowsSql = (day: number): string => `
SELECT ${day * ROWS_A_DAY} + i AS id, ${BENCH_START_MS + day * DAY_MS} + i * 60000 AS at_ms,
  (hash(i * 7919 + ${day}) % 1000) / 1000.0 AS x, ['a', 'b', 'c'][1 + (hash(i + ${day} * 131) % 3)::INTEGER] AS kind,
  CASE WHEN (hash(i * 104729 + ${day} * 17) % 100) < 85
    THEN (x + CASE WHEN kind = 'a' THEN 0.3 ELSE 0 END > 0.6) ELSE (hash(i + 5 * ${day}) % 2 = 0) END AS late,
  at_ms + 3600000 AS known_at_ms
FROM range(${ROWS_A_DAY}) AS t(i)`;

export const benchDefinition = (change: Partial<ModelDefinitionInput> = {}) =>
  defineModel({
    name: 'toy',
    owner: 'ann',
    task: 'binary-classification',
    data: {
      dataset: 'toys',
      source: { package: 'none', file: 'none.parquet' },
      featuresSql:
        'SELECT id AS row_key, at_ms AS event_at_ms, x, kind, late::DOUBLE AS label, known_at_ms AS label_known_at_ms FROM dataset',
    },
    features: [
      { name: 'x', type: 'number', min: 0, max: 1 },
      { name: 'kind', type: 'category' },
    ],
    checks: { minRows: 500 },
    trainer: { kind: 'built-in', rounds: 60, maxLeaves: 7 },
    evaluation: { holdoutDays: 3 },
    ...change,
  });

const emptyStores = () => ({
  data: createMemoryArtifactStore(),
  artifacts: createMemoryArtifactStore(),
  ...createMemoryRegistry(),
});

/** @param stores those of another bench, for a later deployment of it. */
export const openTrainingBench = (
  definition = benchDefinition(),
  {
    data,
    artifacts,
    registry,
    lineage,
  }: Pick<ReturnType<typeof emptyStores>, 'data' | 'artifacts' | 'registry' | 'lineage'> = emptyStores(),
) => {
  const definitions = new Map([[definition.name, definition]]);
  const events = createMemoryEventPublisher();
  const clock = { nowMs: () => BENCH_START_MS + 20 * DAY_MS };
  const runtime = createModelRuntime();
  const scoring = {
    readTable: readTrainingTable,
    loadModel: (prefix: string) => loadStoredModel(artifacts, prefix),
    readCovers: (prefix: string) => readStoredCovers(artifacts, prefix),
    load: runtime.load,
    score: (model: Awaited<ReturnType<typeof loadStoredModel>>, table: Parameters<typeof scoreTable>[2]) =>
      scoreTable(runtime, model, table),
  };
  const common = { definitions, artifacts };
  const caching = { cache: createStepCache(artifacts), codeDigest: 'c'.repeat(64) };
  const made = {
    build: { functions: {}, lockfile: 'f'.repeat(64), packages: {} },
    runtime: { node: process.version, architecture: process.arch },
  };

  return {
    data,
    artifacts,
    registry,
    lineage,
    events,
    clock,
    snapshotData: createSnapshotData({ ...common, data, lineage, clock }),
    buildFeatures: createBuildFeatures({
      ...common,
      ...caching,
      data,
      openEngine: (spillFolder) => openDuckDb({ spillFolder }),
    }),
    trainModel: createTrainModel({
      ...common,
      ...caching,
      readTable: readTrainingTable,
      limits: { memoryMb: 4_096, seconds: 840 },
    }),
    collectModel: createCollectModel({ artifacts }),
    evaluateModel: createEvaluateModel({ ...common, registry, lineage, clock, ...scoring }),
    profileModel: createProfileModel({ ...common, ...scoring, ...made }),
    prepareReproduction: createPrepareReproduction({ ...common, registry, ...made }),
    compareReproduction: createCompareReproduction({ artifacts, registry }),
    registerModelVersion: createRegisterModelVersion({ ...common, registry, events, clock }),
    /** Writes the rows of days [from, to) after the start, as `load` does: by the day on which they became known. */
    loadDays: async (from: number, to: number): Promise<void> => {
      const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
      const engine = await openDuckDb();
      try {
        for (let day = from; day < to; day += 1) {
          const file = join(folder, `${day}.parquet`);
          await engine.execute(`COPY (${dayRowsSql(day)}) TO '${file}' (FORMAT parquet)`);
          await data.put(datasetDayKey('toys', utcDay(BENCH_START_MS + day * DAY_MS)), await readFile(file));
        }
      } finally {
        await engine.close();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
};

export type TrainingBench = ReturnType<typeof openTrainingBench>;

/** Snapshot and features of one run, as the pipeline's first states make them. */
export const prepareRun = async (bench: TrainingBench, runId: string, asOfMs: number, { fresh } = { fresh: false }) => {
  const run = { model: 'toy', runId };
  const { snapshotId } = await bench.snapshotData({ ...run, asOfMs });
  return { snapshotId, ...(await bench.buildFeatures({ ...run, asOfMs, snapshotId, fresh })) };
};

/** One phase, trained and collected. */
export const trainPhase = async (
  bench: TrainingBench,
  runId: string,
  phase: 'candidate' | 'refit',
  rounds: number | null,
) => {
  const run = { model: 'toy', runId, phase };
  const { prefix } = await bench.trainModel({ ...run, rounds, fresh: false });
  return bench.collectModel({ ...run, prefix });
};

/** A whole run up to its version. */
export const runPipeline = async (bench: TrainingBench, runId: string, asOfMs: number) => {
  const run = { model: 'toy', runId };
  const { snapshotId, trainedThroughMs } = await prepareRun(bench, runId, asOfMs);
  const { rounds } = await trainPhase(bench, runId, 'candidate', null);
  const evaluation = await bench.evaluateModel(run);
  await trainPhase(bench, runId, 'refit', rounds);
  const placed = await bench.profileModel(run);
  const input = { ...run, ...placed, metrics: evaluation.metrics, trainedThroughMs, snapshotId };
  return { evaluation, placed, rounds, ...(await bench.registerModelVersion(input)), registerInput: input };
};
