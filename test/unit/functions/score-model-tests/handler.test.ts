import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/score-model-tests/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryAttestations } from '../../../../shared/adapters/memory/attestations.ts';
import { createMemoryVersionEvaluations } from '../../../../shared/adapters/memory/version-evaluations.ts';
import { createVersionFiles } from '../../../../shared/adapters/s3/version-files.ts';
import { driftReportKey } from '../../../../shared/contracts/artifacts.ts';
import type { PredictionRecord } from '../../../../shared/contracts/capture.ts';
import { parseJsonFile, toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { MlTestScoreSchema, mlTestScoreKey } from '../../../../shared/contracts/ml-test-score.ts';
import { shortestFloat32 } from '../../../../shared/core/inference/index.ts';
import { interpretModel } from '../../../../shared/core/interpreter/index.ts';
import { attest } from '../../../../shared/core/ml-test-score/index.ts';
import { requirePackaged } from '../../../../shared/core/registry/index.ts';
import { NotFoundError } from '../../../../shared/kernel/errors.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../../../shared/ports/artifact-store.ts';
import {
  BENCH_START_MS,
  benchDefinition,
  openTrainingBench,
  runPipeline,
  type TrainingBench,
} from '../../../helpers/training-bench.ts';

/** A version that the training functions really made, and what its service leaves on record. */

const AS_OF_MS = BENCH_START_MS + 20 * DAY_MS;
const SCORED_AT_MS = AS_OF_MS + 10 * DAY_MS + 6 * HOUR_MS;
const DAY = utcDay(SCORED_AT_MS - DAY_MS);
const DEFINITION = benchDefinition();

let bench: TrainingBench;
let data: ArtifactStore;
const attestations = createMemoryAttestations();

/** A prediction as it was captured, answered by the version's own bytes. */
const captured = async (artifactPrefix: string, change: object = {}): Promise<PredictionRecord> => {
  const interpreted = interpretModel(await bench.artifacts.get(`${artifactPrefix}model.onnx`));
  if (!('model' in interpreted)) throw new Error(interpreted.refused);
  const inputs = { x: 0.25, kind: 'a' };
  const tensors = interpreted.model.inputs.map(({ name }) =>
    name === 'x'
      ? { name, datatype: 'FP32' as const, shape: [1, 1], data: Float32Array.of(inputs.x) }
      : { name, datatype: 'BYTES' as const, shape: [1, 1], data: [inputs.kind] },
  );
  const output = shortestFloat32(Number(interpreted.model.run(tensors)[0]?.data[0]));
  const about = { predictionId: 'p-1', atMs: SCORED_AT_MS - HOUR_MS, model: 'toy', version: 1, modelDigest: 'd' };
  return { kind: 'prediction', ...about, inputs, output, latencyMs: 1, ...change };
};

const capture = async (record: PredictionRecord): Promise<void> => {
  const key = `capture/toy/${DAY.replaceAll('-', '/')}/05/a.gz`;
  await data.put(key, gzipSync(`${JSON.stringify(record)}\n`));
};

beforeAll(async () => {
  bench = openTrainingBench(DEFINITION);
  data = createMemoryArtifactStore();
  await bench.loadDays(0, 20);
  const cause = { kind: 'call', principal: 'bob', requestId: 'r' };
  await bench.registry.startRun({ model: 'toy', runId: 'run-1', executionArn: 'arn', cause, startedAtMs: AS_OF_MS });
  const { version, placed } = await runPipeline(bench, 'run-1', AS_OF_MS);
  await bench.registry.endRun({
    model: 'toy',
    runId: 'run-1',
    status: 'FINISHED',
    endedAtMs: AS_OF_MS + HOUR_MS,
    version,
    outcome: 'passed',
  });
  await bench.registry.decideVersion({
    model: 'toy',
    version,
    status: 'APPROVED',
    decidedBy: 'policy:automatic',
    decidedAtMs: AS_OF_MS + HOUR_MS,
  });
  const rolloutId = 'approved-1';
  const startedAtMs = AS_OF_MS + 2 * HOUR_MS;
  await bench.registry.startRollout({
    model: 'toy',
    rolloutId,
    kind: 'model',
    version,
    startedAtMs,
    previousLambdaVersion: '1',
  });
  await bench.registry.updateRollout('toy', rolloutId, { weights: [1], shifts: [{ weight: 1, atMs: startedAtMs }] });
  const promotedAtMs = startedAtMs + HOUR_MS;
  const deployment = { model: 'toy', version, lambdaVersion: '2', codeSha256: 'c', rolloutId, promotedAtMs };
  await bench.registry.endRollout({
    model: 'toy',
    rolloutId,
    status: 'PROMOTED',
    endedAtMs: promotedAtMs,
    reason: 'first',
    principal: 'workflow',
    deployment,
  });
  const report = { version, rowCount: 900, metrics: { missingShareMax: 0, outOfRangeShareMax: 0.01 } };
  await data.put(driftReportKey('toy', DAY), toJsonFile(report));
  await capture(await captured(placed.artifactPrefix));
});

/** Scores with what `hidden` names missing from both buckets. */
const scoreWith = async (hidden?: RegExp, scheduledAtMs = SCORED_AT_MS) => {
  const hide = (store: ArtifactStore): ArtifactStore => ({
    ...store,
    get: async (key) => {
      if (hidden?.test(key) === true) throw new NotFoundError(`object ${key} does not exist`);
      return store.get(key);
    },
    list: async (prefix) => (await store.list(prefix)).filter(({ key }) => hidden?.test(key) !== true),
  });
  const artifacts = hide(bench.artifacts);
  const handler = createHandler({
    definitions: new Map([['toy', DEFINITION]]),
    registry: bench.registry,
    evaluations: createMemoryVersionEvaluations(),
    attestations,
    files: createVersionFiles(artifacts),
    artifacts: { name: 'artifacts', store: artifacts },
    data: { name: 'data', store: hide(data) },
    scores: data,
  });
  const { key } = await handler({ model: 'toy', scheduledAt: isoTime(scheduledAtMs) });
  const score = parseJsonFile(MlTestScoreSchema, await data.get(key), key);
  const items = new Map(score.sections.flatMap((section) => section.items).map((item) => [item.item, item]));
  return { key, score, items, points: (item: string) => items.get(item)?.points };
};

describe('a version that the pipeline made and that serves', () => {
  it('is scored by its files, its run, its rollout and what its days left', async () => {
    const { key, score, items } = await scoreWith();

    expect(key).toBe(mlTestScoreKey('toy', DAY));
    expect(score).toMatchObject({ model: 'toy', day: DAY, version: 1, score: 1.5 });
    const points = Object.fromEntries([...items].map(([item, one]) => [item, one.points]));
    expect(points).toEqual({
      'data-1': 1,
      'data-2': 1,
      'data-3': 0,
      'data-4': 0,
      'data-5': 0,
      'data-6': 0.5,
      'data-7': 0,
      'model-1': 0,
      'model-2': 0,
      'model-3': 0,
      'model-4': 0,
      'model-5': 1,
      'model-6': 0.5,
      'model-7': 0,
      'infrastructure-1': 0,
      'infrastructure-2': 0,
      'infrastructure-3': 0.5,
      'infrastructure-4': 1,
      'infrastructure-5': 1,
      'infrastructure-6': 0.5,
      'infrastructure-7': 0,
      'monitoring-1': 0.5,
      'monitoring-2': 1,
      'monitoring-3': 0,
      'monitoring-4': 0.5,
      'monitoring-5': 0.5,
      'monitoring-6': 0,
      'monitoring-7': 0,
    });
    const traced = items.get('infrastructure-5')?.evidence.find(({ where }) => where.startsWith('data: capture/'));
    expect(traced?.what).toMatch(
      /^prediction p-1 computed again step by step: \d+ operators?, \d+ trees?, the very bits/,
    );
  });

  it.each([
    [/bill-of-materials\.json$/, { 'data-1': 0 }],
    [/features\/report\.json$/, { 'data-1': 0.5, 'monitoring-1': 0, 'monitoring-2': 0 }],
    [/\/drift\//, { 'data-1': 0.5, 'monitoring-2': 0.5 }],
    [/\/report\.json$/, { 'data-2': 0, 'model-6': 0 }],
    [/\/evaluation\.json$/, { 'model-5': 0, 'model-6': 0, 'infrastructure-4': 0, 'monitoring-5': 0 }],
    [/\/explanation\.json$/, { 'infrastructure-5': 0 }],
    [/^capture\//, { 'infrastructure-5': 0.5 }],
  ])('has less without %s', async (hidden, expected) => {
    const { items } = await scoreWith(hidden);

    expect(Object.fromEntries([...items].map(([item, one]) => [item, one.points]))).toMatchObject(expected);
  });

  it('counts a day’s reports for three days', async () => {
    const later = await scoreWith(undefined, SCORED_AT_MS + 4 * DAY_MS);

    expect(later.points('monitoring-2')).toBe(0.5);
    expect(later.items.get('monitoring-2')?.missing).toEqual([
      `the newest drift report is 4 days old: data: ${driftReportKey('toy', DAY)}`,
    ]);
  });

  it('is told to be wrong where a prediction, computed step by step, is not what was answered', async () => {
    const { artifactPrefix } = requirePackaged(await bench.registry.getVersion('toy', 1), 'scored');
    await capture(await captured(artifactPrefix, { output: 0.001 }));

    const { points, items } = await scoreWith();

    await capture(await captured(artifactPrefix));
    expect(points('infrastructure-5')).toBe(0.5);
    expect(items.get('infrastructure-5')?.missing[0]).toMatch(
      /^prediction p-1, computed step by step, is off by 0\.\d/,
    );
  });

  it('counts no file whose bytes are not those of the manifest', async () => {
    const { artifactPrefix } = requirePackaged(await bench.registry.getVersion('toy', 1), 'scored');
    const key = `${artifactPrefix}evaluation.json`;
    const bytes = await bench.artifacts.get(key);
    await bench.artifacts.put(key, toJsonFile({ passed: true }));

    const { points } = await scoreWith();

    await bench.artifacts.put(key, bytes);
    expect(points('infrastructure-4')).toBe(0);
  });

  it('has half a point for what somebody vouches for, in the score that is made next', async () => {
    const word = { item: 'data-5', note: 'access was reviewed', by: 'ann', atMs: SCORED_AT_MS, requestId: 'r' };
    await attestations.put('toy', attest(word));

    expect((await scoreWith()).points('data-5')).toBe(0.5);
  });

  it('keeps the trend from day to day, and a repeat changes no other day', async () => {
    const first = await scoreWith();
    const second = await scoreWith(undefined, SCORED_AT_MS + DAY_MS);
    const again = await scoreWith(undefined, SCORED_AT_MS + DAY_MS);

    expect(second.score.trend.map(({ day }) => day)).toEqual([DAY, utcDay(SCORED_AT_MS)]);
    expect(second.score.trend[0]).toEqual(first.score.trend[0]);
    expect(again.score).toEqual(second.score);
    expect(v.is(MlTestScoreSchema, again.score)).toBe(true);
  });
});
