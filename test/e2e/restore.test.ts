import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findStageResources, type StageResources } from '../../infra/commands/find-stage-resources.ts';
import { restoreObjects } from '../../infra/commands/restore-objects.ts';
import { restoreTable } from '../../infra/commands/restore-table.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** The rehearsal of `npm run restore`: a registry and files that somebody damaged come back. */

let stateFolder: string;
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let dynamodb: DynamoDBClient;
let s3: S3Client;
let resources: StageResources;

const tableText = async (TableName: string): Promise<string> => {
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return JSON.stringify(Items.map((item) => JSON.stringify(Object.entries(item).toSorted())).toSorted());
};
const pause = async (ms: number): Promise<void> => {
  await test.cloud.clock.advanceBy(ms);
};
const tables = (atMs: number, apply: boolean) =>
  Promise.all(
    [resources.registryTable, resources.lineageTable].map((table) =>
      restoreTable({ client: dynamodb, table, atMs, apply, pause }),
    ),
  );
const objects = (atMs: number, apply: boolean) =>
  restoreObjects({ client: s3, bucket: resources.artifactBucket, prefix: 'models/', atMs, apply });

beforeAll(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-restore-'));
  test = await startTestCloud({
    assemblyFolder: await assemble([rolloutDefinition('toy')]),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  bench = openRolloutBench(test, stateFolder);
  dynamodb = new DynamoDBClient(test.clientConfig);
  s3 = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  const lambda = new LambdaClient(test.clientConfig);
  resources = await findStageResources(lambda, 'local');
  lambda.destroy();
  await bench.serveFirst('toy');
  await bench.upload('toy', answering(2));
}, 300_000);

afterAll(async () => {
  dynamodb.destroy();
  s3.destroy();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

it('brings damaged tables and files back to an instant, and says before what it would do', async () => {
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);
  const atMs = test.cloud.clock.nowMs();
  const registryThen = await tableText(resources.registryTable);
  const [first, second] = await test.platform.versions('toy');
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);

  const Bucket = resources.artifactBucket;
  const TableName = resources.registryTable;
  const key = { pk: { S: 'model#toy' }, sk: { S: 'version#0000000001' } };
  await dynamodb.send(new DeleteItemCommand({ TableName, Key: key }));
  await dynamodb.send(new PutItemCommand({ TableName, Item: { ...key, sk: { S: 'version#0000000009' } } }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: `${first?.artifactPrefix}model.onnx` }));
  await s3.send(new PutObjectCommand({ Bucket, Key: `${second?.artifactPrefix}model.onnx`, Body: 'damaged' }));
  await test.cloud.clock.advanceBy(10 * MINUTE_MS);

  expect(await objects(atMs, false)).toMatchObject({
    undeleted: [`${first?.artifactPrefix}model.onnx`],
    rewritten: [`${second?.artifactPrefix}model.onnx`],
  });
  expect(await tables(atMs, false)).toMatchObject([
    { written: 1, deleted: 1 },
    { written: 0, deleted: 0 },
  ]);
  expect(await tableText(TableName)).not.toBe(registryThen);

  await objects(atMs, true);
  await tables(atMs, true);

  expect(await tableText(TableName)).toBe(registryThen);
  expect((await test.platform.versions('toy')).map(({ version, status }) => [version, status])).toEqual([
    [1, 'APPROVED'],
    [2, 'PENDING_APPROVAL'],
  ]);
  expect(await objects(atMs, true)).toMatchObject({ undeleted: [] });
  expect(await bench.roll('toy', 2)).toMatchObject({ status: 'PROMOTED' });
  expect(await bench.ask('toy', 5)).toEqual({ 200: 5 });
}, 400_000);
