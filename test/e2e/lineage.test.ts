import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askWhy } from '../../infra/commands/ask-why.ts';
import { type Explanation, rerunPrediction } from '../../infra/commands/rerun-prediction.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { type RunEvent, RunEventSchema } from '../../shared/contracts/openlineage.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let s3: S3Client;
let lambda: LambdaClient;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-lineage-'));

const get = async (path: string) => {
  const { status, body } = await test.api.call('GET', `${test.platformUrl}${path}`);
  return { status, body: body as never };
};

const predict = async (features: object, predictionId?: string) => {
  const { status, body } = await test.platform.predict('toy', { features, ...(predictionId ? { predictionId } : {}) });
  expect(status).toBe(200);
  return body as { readonly predictionId: string; readonly version: number; readonly atMs: number };
};

/** Trains and rolls out the next version on the days known so far. */
const roll = async (version: number) => {
  await test.platform.requestTraining('toy', `for version ${version}`);
  await test.until(`version ${version} is promoted`, async () => {
    const { deployment } = (await get('/models/toy')).body as { deployment?: { version: number } };
    return deployment?.version === version;
  });
};

const answered: { id: string; at: string }[] = [];
const FEATURES = { x: 0.9, kind: 'a' };

beforeAll(async () => {
  const definition = rolloutDefinition('toy', { approval: 'automatic', evaluation: { margin: 10 } });
  test = await startTestCloud({
    assemblyFolder: await assemble([definition]),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  bench = openRolloutBench(test, stateFolder);
  s3 = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  lambda = new LambdaClient(test.clientConfig);
  for (const version of [1, 2, 3]) {
    await test.loadToyDays(version === 1 ? 0 : 12 + version, 13 + version);
    if (version > 1) await test.cloud.clock.advanceBy(DAY_MS);
    await roll(version);
    const at = new Date(test.cloud.clock.nowMs()).toISOString();
    answered.push({ id: (await predict(FEATURES)).predictionId, at });
    if (version === 1) await predict(FEATURES, 'order-7');
    await test.cloud.clock.advanceBy(20 * MINUTE_MS);
  }
}, 300_000);

afterAll(async () => {
  for (const client of [s3, lambda]) client.destroy();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('why a prediction came out as it did', () => {
  it('is told whole for one that was made three versions ago', async () => {
    const { status, body } = await get(`/lineage/why/${answered[0]?.id}`);

    expect(status).toBe(200);
    const why = body as Explanation & Record<string, never>;
    expect(why.checks.filter(({ holds }) => !holds)).toEqual([]);
    expect(why).toMatchObject({
      verified: true,
      prediction: { model: 'toy', version: 1, inputs: FEATURES, lambdaVersion: '2' },
      modelVersion: { version: 1, status: 'APPROVED', modelDigest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      approval: { decidedBy: 'policy:automatic' },
      run: { status: 'FINISHED', cause: { kind: 'call' } },
      data: {
        dataset: 'toys',
        objects: expect.arrayContaining([expect.objectContaining({ sizeBytes: expect.any(Number) })]),
      },
      features: { features: expect.arrayContaining([expect.objectContaining({ name: 'x' })]) },
      trainingCode: { functions: { 'train-model': expect.stringMatching(/^[0-9a-f]{64}$/) } },
      rollout: { kind: 'model', status: 'PROMOTED', lambdaVersion: '2', codeSha256: expect.any(String) },
      traffic: { weights: { 2: 1 } },
    });
    expect((await bench.inService('toy')).champion).toBe(3);
  });

  it('is proved by asking the model again: the same bytes give the same output', async () => {
    const bucket = test.cloud.outputs['Millrace-local-data']?.ArtifactBucketName ?? '';
    const artifacts = createArtifactStore({ client: s3, bucket });
    const outputs = [];
    for (const { id: predictionId } of answered) {
      const explanation = await askWhy(lambda, 'local', { predictionId, model: 'toy' });
      const again = await rerunPrediction(artifacts, explanation);
      expect(again).toEqual({ output: explanation.prediction.output, equal: true });
      outputs.push(again.output);
    }
    expect(new Set(outputs).size).toBeGreaterThan(1);
  });

  it('needs the day for an id that the caller gave', async () => {
    const day = answered[0]?.at.slice(0, 10);

    const without = await get('/lineage/why/order-7?model=toy');
    const found = await get(`/lineage/why/order-7?model=toy&day=${day}`);
    const elsewhere = await get('/lineage/why/order-7?model=toy&day=2001-03-01');

    expect([without.status, found.status, elsewhere.status]).toEqual([400, 200, 404]);
    expect(without.body).toMatchObject({ detail: expect.stringContaining('carries no time: give the UTC day') });
    expect(found.body).toMatchObject({ prediction: { predictionId: 'order-7', version: 1 }, verified: true });
  });

  it('is not verified once a file of the version is not what it was', async () => {
    const { modelVersion } = (await get(`/lineage/why/${answered[1]?.id}`)).body as Explanation;
    await bench.overwriteArtifact(`${modelVersion.artifactPrefix}evaluation.json`, Buffer.from('{}'));

    const { body } = await get(`/lineage/why/${answered[1]?.id}`);

    const why = body as Explanation;
    expect(why.verified).toBe(false);
    expect(why.checks.filter(({ holds }) => !holds)).toMatchObject([
      { claim: 'evaluation.json has the digest that the manifest names' },
    ]);
  });
});

const readJson = async (key: string) => JSON.parse(new TextDecoder().decode(await test.observer.data.get(key)));

describe('OpenLineage', () => {
  it('is told a start and an end of every execution, the end with what was read and made', async () => {
    const objects = await test.observer.data.list('openlineage/');
    const events: readonly RunEvent[] = await Promise.all(objects.map(({ key }) => readJson(key)));
    const executions = await test.observer.executions();

    for (const event of events) expect(v.safeParse(RunEventSchema, event).issues).toBeUndefined();
    const runs = Map.groupBy(events, ({ run }) => run.runId);
    expect(runs.size).toBe(executions.length);
    for (const told of runs.values()) {
      expect(told.map(({ eventType }) => eventType).sort()).toEqual(['COMPLETE', 'START']);
    }
    const ended = events.filter(({ eventType, job }) => eventType === 'COMPLETE' && job.name === 'train-toy');
    expect(ended.map(({ inputs }) => inputs.map(({ name }) => name))).toEqual(
      Array(3).fill(['datasets/toys', 'feature-views/toy']),
    );
    const versions = ended.flatMap(({ outputs }) => outputs.filter(({ name }) => name === 'models/toy'));
    expect(versions.map(({ facets }) => facets?.version?.datasetVersion).sort()).toEqual(['1', '2', '3']);
    const rollouts = events.filter(({ eventType, job }) => eventType === 'COMPLETE' && job.name === 'canary-rollout');
    expect(rollouts.map(({ inputs, outputs }) => [...inputs, ...outputs].map(({ name }) => name))).toEqual(
      Array(3).fill(['models/toy', 'deployments/toy']),
    );
  });
});

describe('impact', () => {
  it('of a dataset, a feature, a source column and a customer is everything that they touched', async () => {
    const day = answered[0]?.at.slice(0, 10);

    const dataset = (await get('/lineage/impact/dataset/toys')).body;
    const feature = (await get('/lineage/impact/feature/x?model=toy')).body;
    const none = (await get('/lineage/impact/feature/nothing?model=toy')).body;
    const customer = (await get(`/lineage/impact/entity/kind?model=toy&value=a&from=${day}&to=${day}`)).body;
    const other = (await get(`/lineage/impact/entity/kind?model=toy&value=z&from=${day}&to=${day}`)).body;

    const versions = ['toy@1', 'toy@2', 'toy@3'];
    expect(dataset).toMatchObject({ touched: { 'model-version': versions }, truncated: false });
    expect(feature).toMatchObject({
      versions: [3, 2, 1].map((version) => ({ version, use: 'feature' })),
      touched: { rollout: [expect.any(String), expect.any(String), expect.any(String)] },
    });
    expect(none).toMatchObject({ versions: [], touched: {} });
    const { predictions } = customer as { predictions: { predictionId: string }[] };
    expect(predictions.map(({ predictionId }) => predictionId)).toEqual([answered[0]?.id, 'order-7']);
    expect(other).toMatchObject({ predictions: [] });
  });
});

describe('lineage', () => {
  it('leads from a dataset to everything that was made of it, and says what was known at an instant', async () => {
    const kinds = (body: { edges: { downstream: { kind: string; id: string } }[] }) =>
      new Set(body.edges.map(({ downstream }) => downstream.kind));
    const versions = (body: { edges: { downstream: { kind: string; id: string } }[] }) =>
      new Set(
        body.edges
          .map(({ downstream }) => downstream)
          .flatMap(({ kind, id }) => (kind === 'model-version' ? [id] : [])),
      );

    const now = (await get('/lineage/dataset/toys?direction=downstream')).body;
    const then = (await get(`/lineage/dataset/toys?direction=downstream&at=${answered[0]?.at}`)).body;
    const near = (await get('/lineage/dataset/toys?direction=downstream&depth=1')).body;

    expect(versions(now)).toEqual(new Set(['toy@1', 'toy@2', 'toy@3']));
    expect(versions(then)).toEqual(new Set(['toy@1']));
    expect(kinds(near)).toEqual(new Set(['dataset-snapshot', 'feature-view']));
    for (const kind of ['run', 'evaluation', 'rollout', 'deployment', 'prediction-window']) {
      expect(kinds(now)).toContain(kind);
    }
  });
});
