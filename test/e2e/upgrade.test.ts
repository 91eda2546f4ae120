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
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { assembleRelease, recordedItems } from '../helpers/previous-release.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** Today's release over what the previous one left: a model in service, a canary under way, a version that waits. */

const PREVIOUS = '0.1.0';
const definitions = [rolloutDefinition('toy'), rolloutDefinition('waiting')];

let stateFolder: string;
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let dynamodb: DynamoDBClient;

const tablesOf = async (): Promise<readonly string[]> =>
  (await dynamodb.send(new ListTablesCommand({}))).TableNames ?? [];

const physicalIds = async () => {
  const tables = await tablesOf();
  const described = await Promise.all(
    tables.map((TableName) => dynamodb.send(new DescribeTableCommand({ TableName }))),
  );
  return {
    tables: described.map(({ Table }) => [Table?.TableName, Table?.TableId]),
    keys: described.map(({ Table }) => Table?.SSEDescription?.KMSMasterKeyArn),
    outputs: test.cloud.outputs['Millrace-local-data'],
  };
};

beforeAll(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), 'millrace-upgrade-'));
  test = await startTestCloud({ assemblyFolder: await assembleRelease(PREVIOUS, definitions), stateFolder });
  bench = openRolloutBench(test, stateFolder);
  dynamodb = new DynamoDBClient(test.clientConfig);
  const registry = (await tablesOf()).find((name) => name.includes('Registry'));
  for (const Item of recordedItems<Record<string, AttributeValue>>(PREVIOUS)) {
    await dynamodb.send(new PutItemCommand({ TableName: registry, Item }));
  }
}, 300_000);

afterAll(async () => {
  dynamodb.destroy();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

it('keeps what holds state, finishes what is under way and leaves live alone until its own canary', async () => {
  await bench.serveFirst('waiting');
  const waiting = await bench.upload('waiting', answering(2));
  await bench.serveFirst('toy');
  const second = await bench.upload('toy', answering(2));
  await bench.beginCanary('toy', second);
  const kept = await physicalIds();
  const inCanary = await bench.inService('toy');

  const changes = await test.cloud.deploy(await assemble(definitions, 'the next release'));
  await test.cloud.clock.settle();

  const made = Object.values(changes).flatMap(({ created, deleted }) => [...created, ...deleted]);
  expect(made.filter((logicalId) => /(Bucket|Table|^Key|Live|NoModelInService)/.test(logicalId))).toEqual([]);
  expect(await physicalIds()).toEqual(kept);
  expect(inCanary).toMatchObject({ champion: 1, weights: { 2: 0.5, 3: 0.5 } });
  expect(await bench.inService('toy')).toEqual(inCanary);
  expect(await bench.ask('toy', 10)).toEqual({ 200: 10 });
  expect(await bench.ended('toy', second)).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
  expect(await bench.inService('toy')).toMatchObject({ champion: 2 });
  expect(await bench.roll('waiting', waiting)).toMatchObject({ status: 'PROMOTED' });
}, 400_000);

it('reads the items that the previous release wrote', async () => {
  const versions = await test.platform.versions('kept');

  expect(versions.map(({ version, status }) => [version, status])).toEqual([
    [1, 'APPROVED'],
    [2, 'PENDING_APPROVAL'],
  ]);
  expect(await test.platform.rollouts('kept')).toMatchObject([{ version: 1, status: 'PROMOTED', weights: [0.5, 1] }]);
});

it('changes nothing when it is deployed again', async () => {
  const again = await assemble(definitions, 'the next release');
  await test.cloud.deploy(again);
  const changes = await test.cloud.deploy(again);

  expect(Object.values(changes)).toEqual(Array.from({ length: 5 }, () => ({ created: [], updated: [], deleted: [] })));
}, 300_000);
