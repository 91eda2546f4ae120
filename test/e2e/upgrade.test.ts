import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttributeValue,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PlacedModel, placeModel } from '../../functions/profile-model/place-model.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../shared/contracts/names.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { assembleRelease, recordedItems } from '../helpers/previous-release.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/**
 * Today's release over what the previous one left: a model in service and a version that waits, with the items that the
 * previous release wrote and the files that it laid. Its own functions are not kept, so none is invoked before today's
 * are deployed; what its rollout did to the endpoint is done here by hand. A deploy in the middle of a canary is
 * `rollout-deploys.test.ts`'s.
 */

const PREVIOUS = '0.1.0';
/** The model whose items were recorded, and what it is called here: the release's template has an endpoint for it. */
const RECORDED = 'kept';
const MODEL = 'waiting';
const definitions = [rolloutDefinition('toy'), rolloutDefinition(MODEL)];
const FUNCTION = inferenceFunctionName('local', MODEL);

let stateFolder: string;
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let dynamodb: DynamoDBClient;

const tableNames = async (): Promise<readonly string[]> =>
  (await dynamodb.send(new ListTablesCommand({}))).TableNames ?? [];

/** Tables by name, with what would change if one were made anew. */
const tables = async (): Promise<ReadonlyMap<string, object>> => {
  const names = await tableNames();
  const described = await Promise.all(names.map((TableName) => dynamodb.send(new DescribeTableCommand({ TableName }))));
  return new Map(
    described.map(({ Table }) => [
      Table?.TableName ?? '',
      { id: Table?.TableId, key: Table?.SSEDescription?.KMSMasterKeyArn },
    ]),
  );
};

/** The files of both versions, as the previous release's pipelines laid them. */
const layFiles = async (): Promise<readonly PlacedModel[]> => {
  const client = new S3Client({ ...test.clientConfig, forcePathStyle: true });
  const bucket = test.cloud.outputs['Millrace-local-data']?.ArtifactBucketName ?? '';
  const artifacts = createArtifactStore({ client, bucket });
  const place = (number: number) =>
    placeModel(artifacts, { model: MODEL, runId: `upload-${number}`, files: answering(number) });
  const placed = [await place(1), await place(2)];
  client.destroy();
  return placed;
};

/** The recorded items, of the model under its name here. A manifest names its model, so its digest is another one. */
const writeItems = async (placed: readonly PlacedModel[]): Promise<void> => {
  const registry = (await tableNames()).find((name) => name.includes('Registry'));
  const text = JSON.stringify(recordedItems(PREVIOUS)).replaceAll(new RegExp(`\\b${RECORDED}\\b`, 'g'), MODEL);
  for (const item of JSON.parse(text) as readonly Record<string, AttributeValue>[]) {
    const files = placed.find(({ artifactPrefix }) => artifactPrefix === item.artifactPrefix?.S);
    const Item = files === undefined ? item : { ...item, manifestDigest: { S: files.manifestDigest } };
    await dynamodb.send(new PutItemCommand({ TableName: registry, Item }));
  }
};

/** What the rollout of the first version left: a published version with its pins behind `live`. */
const putIntoService = async ({ artifactPrefix, modelDigest, manifestDigest }: PlacedModel): Promise<void> => {
  const lambda = new LambdaClient(test.clientConfig);
  const { Environment } = await bench.configuration(MODEL);
  const pins = {
    MODEL_VERSION: '1',
    MODEL_DIGEST: modelDigest,
    MANIFEST_DIGEST: manifestDigest,
    ARTIFACT_PREFIX: artifactPrefix,
  };
  const Variables = { ...Environment?.Variables, ...pins };
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Environment: { Variables } }));
  // An update takes seconds; the reconciler looks after a quarter of an hour.
  await test.cloud.clock.advanceBy(MINUTE_MS);
  const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: FUNCTION }));
  await lambda.send(new UpdateAliasCommand({ FunctionName: FUNCTION, Name: LIVE_ALIAS, FunctionVersion: Version }));
  lambda.destroy();
};

beforeAll(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-upgrade-'));
  test = await startTestCloud({
    assemblyFolder: await assembleRelease(PREVIOUS, definitions),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  bench = openRolloutBench(test, stateFolder);
  dynamodb = new DynamoDBClient(test.clientConfig);
  const placed = await layFiles();
  await writeItems(placed);
  const [first] = placed;
  if (first === undefined) throw new Error('no files were laid');
  await putIntoService(first);
}, 300_000);

afterAll(async () => {
  dynamodb.destroy();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

it('keeps what holds state, makes what is new beside it, and leaves live alone', async () => {
  const before = await tables();
  const { ArtifactBucketName, DataBucketName, EventBusName } = test.cloud.outputs['Millrace-local-data'] ?? {};
  const live = await bench.configuration(MODEL, LIVE_ALIAS);

  const changes = await test.cloud.deploy(await assemble(definitions));
  await test.cloud.clock.settle();

  const stateful = (logicalIds: readonly string[]): readonly string[] =>
    logicalIds.filter((id) => /(Bucket|Table|^Key|Live|NoModelInService)[0-9A-F]{8}$/.test(id)).map(withoutHash);
  const all = Object.values(changes);
  expect(stateful(all.flatMap(({ deleted }) => deleted))).toEqual([]);
  expect(stateful(all.flatMap(({ created }) => created)).toSorted()).toEqual([
    'AuditTable',
    'OnlineTable',
    'SealBucket',
    'TrackingTable',
  ]);
  const after = await tables();
  expect([...before].map(([name]) => [name, after.get(name)])).toEqual([...before]);
  expect(before.size).toBe(2);
  expect(test.cloud.outputs['Millrace-local-data']).toMatchObject({
    ArtifactBucketName,
    DataBucketName,
    EventBusName,
  });
  expect(await bench.configuration(MODEL, LIVE_ALIAS)).toMatchObject({ Version: '2', CodeSha256: live.CodeSha256 });
  expect(live.Version).toBe('2');
}, 400_000);

it('reads the items that the previous release wrote', async () => {
  const versions = await test.platform.versions(MODEL);

  expect(versions.map(({ version, status }) => [version, status])).toEqual([
    [1, 'APPROVED'],
    [2, 'PENDING_APPROVAL'],
  ]);
  expect(await test.platform.rollouts(MODEL)).toMatchObject([{ version: 1, status: 'PROMOTED', weights: [0.5, 1] }]);
  expect(await bench.inService(MODEL)).toMatchObject({ champion: 1, deployment: { version: 1, lambdaVersion: '2' } });
});

it('rolls out the version that waited', async () => {
  const rollout = await bench.roll(MODEL, 2);

  expect(rollout).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
  expect(await bench.inService(MODEL)).toMatchObject({ champion: 2, deployment: { version: 2 } });
  expect(await bench.ask(MODEL, 10)).toEqual({ 200: 10 });
}, 400_000);

it('changes nothing when it is deployed again', async () => {
  const again = await assemble(definitions, 'the next release');
  await test.cloud.deploy(again);
  const changes = await test.cloud.deploy(again);

  expect(Object.values(changes)).toEqual(Array.from({ length: 5 }, () => ({ created: [], updated: [], deleted: [] })));
}, 300_000);
