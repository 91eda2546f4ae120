import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { skewReportKey } from '../../shared/contracts/artifacts.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../shared/kernel/time.ts';
import { entityDefinition } from '../helpers/entity-bench.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';

/** A model asked by entity: materialized when asked for, completed by its function's own role, captured and audited. */

let test: TestCloud;
const predictions = new Map<string, { readonly status: number; readonly body: unknown }>();

beforeAll(async () => {
  const deployment = { canarySteps: [1], bakeMinutes: 60 };
  const trainer = { kind: 'built-in' as const, rounds: 20, maxLeaves: 4 };
  const assemblyFolder = await assemble([entityDefinition({ deployment, trainer })]);
  test = await startTestCloud({ assemblyFolder, startMs: Date.UTC(2001, 0, 15), simulation: { seed: 5 } });
  await test.loadToyDays(0, 14);
  await test.platform.requestTraining('toy', 'first');
  await test.until('toy is in service', async () =>
    (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
}, 180_000);
afterAll(() => test.stop());

const predict = async (predictionId: string, entities: object) => {
  const body = { predictionId, entities, values: { at: isoTime(test.cloud.clock.nowMs()), x: 0.25 } };
  const answer = await test.api.call('POST', `${test.predictUrl}/models/toy/predict`, body);
  predictions.set(predictionId, answer);
  return answer;
};

it('answers by entity once its view was materialized, with the features of the store', async () => {
  const lambda = new LambdaClient(test.clientConfig);
  const scheduledAt = isoTime(test.cloud.clock.nowMs());
  const Payload = Buffer.from(JSON.stringify({ model: 'toy', view: 'kind', scheduledAt }));
  const FunctionName = 'millrace-local-materialize-features';
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
  lambda.destroy();
  expect(FunctionError).toBeUndefined();

  await predict('p-1', { kind: 'a' });

  expect(predictions.get('p-1')?.body).toMatchObject({ model: 'toy', version: 1, predictionId: 'p-1' });
  const unknown = await predict('p-2', { kind: 'z' });
  expect(unknown).toMatchObject({ status: 400, body: { detail: 'body.entities: view kind knows no kind "z"' } });
});

it('explains such an answer by the training rows of its trees, and shows what the version was approved from', async () => {
  const body = {
    predictionId: 'p-3',
    entities: { kind: 'a' },
    values: { at: isoTime(test.cloud.clock.nowMs()), x: 0.25 },
  };
  const { body: answer } = await test.api.call('POST', `${test.predictUrl}/models/toy/predict?explain=true`, body);

  const { explanation, probability } = answer as {
    readonly explanation: { readonly method: string; readonly baseline: number; readonly contributions: object };
    readonly probability: number;
  };
  expect(explanation.method).toBe('tree-path-dependent');
  const parts = Object.values(explanation.contributions) as number[];
  expect(parts).toHaveLength(4);
  const margin = parts.reduce((sum, part) => sum + part, explanation.baseline);
  expect(Math.abs(1 / (1 + Math.exp(-margin)) - probability)).toBeLessThan(1e-5);
  const report = await test.api.call('GET', `${test.platformUrl}/models/toy/versions/1/report?format=json`);
  expect(report.body).toMatchObject({ model: 'toy', passed: true, explanation: { method: 'tree-path-dependent' } });
});

it('shows what the store holds of an entity, to whoever may ask the platform', async () => {
  const { status, body } = await test.api.call('GET', `${test.platformUrl}/models/toy/features?kind=a`);

  expect(status).toBe(200);
  expect(body).toMatchObject({ model: 'toy', entities: { kind: 'a' } });
  const features = (body as { features: { name: string; status: string }[] }).features;
  expect(features.map(({ name, status: found }) => [name, found])).toEqual([
    ['late_share', expect.stringMatching(/PRESENT|NULL_VALUE/)],
    ['kind_rows', 'PRESENT'],
    ['zone', 'PRESENT'],
  ]);
});

it('audits the day’s predictions against training the next morning, and explains one by what was known then', async () => {
  const day = utcDay(test.cloud.clock.nowMs());
  await test.cloud.clock.advanceBy(DAY_MS + 8 * HOUR_MS);

  const s3 = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  const Bucket = test.cloud.outputs['Millrace-local-data']?.DataBucketName;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'reports/toy/skew/' }));
  expect(Contents.map(({ Key }) => Key)).toContain(skewReportKey('toy', day));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: skewReportKey('toy', day) }));
  const report = JSON.parse((await Body?.transformToString()) ?? '');
  expect(report).toMatchObject({ model: 'toy', day, rowCount: 2 });
  for (const skew of report.served) expect(skew).toMatchObject({ comparedCount: 2, differingCount: 0 });
  s3.destroy();

  const why = await test.api.call('GET', `${test.platformUrl}/lineage/why/p-1?model=toy&day=${day}`);
  expect(why.body).toMatchObject({
    prediction: { inputs: { kind_rows: expect.any(Number) }, sources: { entities: { kind: 'a' } } },
  });
  const about = await test.api.call(
    'GET',
    `${test.platformUrl}/lineage/impact/entity/kind?model=toy&value=a&from=${day}&to=${day}`,
  );
  const { predictions: found } = about.body as { readonly predictions: readonly { readonly predictionId: string }[] };
  expect(found.map(({ predictionId }) => predictionId).toSorted()).toEqual(['p-1', 'p-3']);
});
