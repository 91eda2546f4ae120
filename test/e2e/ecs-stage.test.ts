import { Buffer } from 'node:buffer';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { modelServerImage } from '../../infra/local/jobs/local-images.ts';
import type { RowExplanation } from '../../shared/core/inference/index.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { isoTime, MINUTE_MS } from '../../shared/kernel/time.ts';
import { entityDefinition } from '../helpers/entity-bench.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { callServer } from '../helpers/mlflow-call.ts';
import { mlmodelOf, trainElsewhere } from '../helpers/models-from-elsewhere.ts';

/** What serves on ECS beside a plain model: one asked by entity whose tasks scale, and every model that is registered. */

const CLUSTER = 'millrace-local-serving';

let test: TestCloud;
let ecs: ECSClient;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-ecs-stage-'));

beforeAll(async () => {
  const definition = entityDefinition({
    deployment: {
      target: 'ecs',
      tasks: { min: 1, max: 2, requestsPerMinute: 5 },
      canarySteps: [1],
      bakeMinutes: 1,
    },
    trainer: { kind: 'built-in', rounds: 5, maxLeaves: 4 },
  });
  const stage = { ...stageConfig('local'), modelServer: 'on' } as const;
  const assemblyFolder = await assemble([definition], '', stage);
  test = await startTestCloud({
    assemblyFolder,
    stateFolder,
    localImages: modelServerImage(join(assemblyFolder, '../build')),
  });
  ecs = new ECSClient(test.clientConfig);
  await test.loadToyDays(0, 14);
  await test.platform.requestTraining('toy', 'first');
  await test.until('toy is in service', async () =>
    (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
}, 240_000);

afterAll(async () => {
  ecs?.destroy();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const predict = (predictionId: string, entities: object) => {
  const body = { predictionId, entities, values: { at: isoTime(test.cloud.clock.nowMs()), x: 0.25 } };
  return test.api.call('POST', `${test.predictUrl}/models/toy/predict`, body);
};

/** The task definition's revision and the number of tasks of the slot that serves. */
const serving = async () => {
  const services = ['a', 'b'].map((slot) => `millrace-local-slot-${slot}-toy`);
  const described = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services }));
  const [slot] = (described.services ?? []).filter(({ desiredCount }) => (desiredCount ?? 0) > 0);
  return { revision: slot?.taskDefinition?.split(':').at(-1), runningCount: slot?.runningCount };
};

describe('a model on ECS that is asked by entity', { timeout: 60_000 }, () => {
  it('finds the features of an entity by the role of its task, and refuses one that the store does not know', async () => {
    const lambda = new LambdaClient(test.clientConfig);
    const scheduledAt = isoTime(test.cloud.clock.nowMs());
    const Payload = Buffer.from(JSON.stringify({ model: 'toy', view: 'kind', scheduledAt }));
    await lambda.send(new InvokeCommand({ FunctionName: 'millrace-local-materialize-features', Payload }));
    lambda.destroy();

    expect(await predict('p-1', { kind: 'a' })).toMatchObject({
      status: 200,
      body: { model: 'toy', version: 1, predictionId: 'p-1' },
    });
    expect(await predict('p-2', { kind: 'z' })).toMatchObject({
      status: 400,
      body: { detail: 'body.entities: view kind knows no kind "z"' },
    });
  });

  it('is captured with its sources, who called, and the revision that answered', async () => {
    const { revision } = await serving();
    await test.cloud.clock.advanceBy(20 * MINUTE_MS);
    const s3 = new S3Client({ ...test.clientConfig, forcePathStyle: true });
    const Bucket = test.cloud.outputs['Millrace-local-data']?.DataBucketName;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'capture/toy/' }));
    const bodies = await Promise.all(
      Contents.map(async ({ Key }) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
      }),
    );
    s3.destroy();
    const records = bodies.flatMap((text) => text.split('\n').filter(Boolean)).map((line) => JSON.parse(line));

    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      predictionId: 'p-1',
      lambdaVersion: revision,
      inputs: { kind_rows: expect.any(Number) },
      sources: { entities: { kind: 'a' } },
      request: { principal: 'arn:aws:iam::000000000000:user/local', rowCount: 1 },
    });
  });

  it('says why, as a function does', async () => {
    const body = { entities: { kind: 'a' }, values: { at: isoTime(test.cloud.clock.nowMs()), x: 0.25 } };
    const url = `${test.predictUrl}/models/toy/predict?explain=true`;

    const answer = await test.api.call('POST', url, body);

    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    const { explanation } = answer.body as { readonly explanation: RowExplanation };
    const { baseline, margin, contributions } = explanation;
    expect(Object.keys(contributions).length).toBeGreaterThan(0);
    expect(Object.values(contributions).reduce((sum, one) => sum + one, baseline)).toBeCloseTo(margin, 6);
  });

  it('is given another task while it is asked for more than one takes, and gives it back when it is not', async () => {
    expect(await serving()).toMatchObject({ runningCount: 1 });
    for (let minute = 0; minute < 4; minute += 1) {
      for (let request = 0; request < 8; request += 1) await predict(`m-${minute}-${request}`, { kind: 'a' });
      await test.cloud.clock.advanceBy(MINUTE_MS);
    }
    await test.until('a second task runs', async () => (await serving()).runningCount === 2, 5 * MINUTE_MS);

    await test.until('one is taken back', async () => (await serving()).runningCount === 1, 30 * MINUTE_MS);
  });
});

describe('a model that a client registered, and nobody defined', { timeout: 60_000 }, () => {
  it('answers by the same API as soon as it is registered, and an unknown one does not', async () => {
    const tokens = await openTrackingTokens('local', test.clientConfig);
    const createdAtMs = test.cloud.clock.nowMs();
    const issued = newTrackingToken({ name: 'ann', workspaces: ['default'], role: 'write', createdAtMs });
    const headers = { authorization: `Bearer ${await tokens.issue(issued)}` };
    tokens.close();
    const url = test.cloud.apis['millrace-local-tracking'] ?? '';
    const mlflow = callServer(url, headers);
    const must = async (path: string, message: Readonly<Record<string, unknown>>) => {
      const { status, body } = await mlflow('POST', `2.0/mlflow/${path}`, message);
      expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
      return body;
    };

    const { run } = await must('runs/create', { experiment_id: '0', start_time: 1 });
    const source = `${run.info.artifact_uri}/model`;
    for (const [file, body] of [
      ['MLmodel', mlmodelOf()],
      ['model.onnx', trainElsewhere()],
    ] as const) {
      const path = `${source.replace('mlflow-artifacts:/', '')}/${file}`;
      const artifact = `${url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
      expect((await fetch(artifact, { method: 'PUT', headers, body: Buffer.from(body) })).status).toBe(200);
    }
    await must('registered-models/create', { name: 'anything' });
    await must('model-versions/create', { name: 'anything', source, run_id: run.info.run_id });

    const model = `${test.predictUrl}/v2/models/anything`;
    expect((await test.api.call('GET', `${model}/ready`)).status).toBe(200);
    const { status, body } = await test.api.call('GET', model);
    const { inputs } = body as { readonly inputs: readonly { readonly name: string; readonly datatype: string }[] };
    const asked = inputs.map(({ name, datatype }) => ({
      name,
      datatype,
      shape: [2, 1],
      data: datatype === 'BYTES' ? ['a', 'b'] : [0.1, 0.9],
    }));
    const answer = await test.api.call('POST', `${model}/infer`, { inputs: asked });

    expect(status).toBe(200);
    expect(answer).toMatchObject({ status: 200, body: { model_name: 'anything', model_version: '1' } });
    expect((await test.api.call('GET', `${test.predictUrl}/v2/models/nothing`)).status).toBe(404);
    expect((await test.api.call('GET', `${test.predictUrl}/v2/models/toy`)).status).toBe(200);
  });
});
