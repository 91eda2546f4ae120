import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import { createOnlineStore } from '../../shared/adapters/dynamodb/online-store.ts';
import { createMemoryOnlineStore } from '../../shared/adapters/memory/online-store.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';
import { startLocalService } from '../helpers/local-service.ts';

const TableName = 'online';
let local: Awaited<ReturnType<typeof startLocalService>>;
let client: DynamoDBClient;
beforeAll(async () => {
  local = await startLocalService(createDynamoDbService);
  client = new DynamoDBClient(local.clientConfig);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await local.clock.advanceBy(60_000); // a new table is CREATING for a moment
  local.clock.startWall();
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

const at = (eventAtMs: number) => ({ eventAtMs, createdAtMs: eventAtMs + 5, expiresAtMs: eventAtMs + 1_000_000 });
const entities = (names: readonly string[], value: number) =>
  names.map((name) => ({ entity: [name], values: { share: value, kind: 'a', none: null } }));
const keys = (view: string, names: readonly string[]) => names.map((name) => ({ view, entity: [name] }));

describe.each<[string, () => OnlineStore]>([
  ['DynamoDB', () => createOnlineStore({ client, table: TableName })],
  ['memory', () => createMemoryOnlineStore()],
])('the online store in %s', (_, open) => {
  it('gives back what was written, in the order that is asked for', async () => {
    const store = open();
    await store.write('toy', 'kinds', { entities: entities(['a', 'b'], 1 / 3), ...at(100) });

    const [b, missing, a] = await store.read('toy', keys('kinds', ['b', 'c', 'a']));

    expect(b).toEqual({ values: { share: 1 / 3, kind: 'a', none: null }, eventAtMs: 100, createdAtMs: 105 });
    expect(missing).toBeUndefined();
    expect(a).toEqual(b);
    expect(await store.read('toy', [])).toEqual([]);
    expect(await store.read('boy', keys('kinds', ['a']))).toEqual([undefined]);
  });

  it('keeps apart what differs in one part of a key only, whatever the parts hold', async () => {
    const store = open();
    const pairs = [
      ['x|y', 'z'],
      ['x', 'y|z'],
      ['x%7Cy', 'z'],
      ['x', 'y', 'z'],
    ];
    await store.write('toy', 'pairs', { entities: pairs.map((entity, i) => ({ entity, values: { i } })), ...at(1) });

    const found = await store.read(
      'toy',
      pairs.map((entity) => ({ view: 'pairs', entity })),
    );

    expect(found.map((one) => one?.values.i)).toEqual([0, 1, 2, 3]);
  });

  it('never takes an entity’s event timestamp back, and writes the others of the batch', async () => {
    const store = open();
    const many = Array.from({ length: 230 }, (_, i) => `e${i}`);
    await store.write('toy', 'newer', { entities: entities(['e3', 'e150'], 9), ...at(200) });

    const first = await store.write('toy', 'newer', { entities: entities(many, 1), ...at(100) });
    const again = await store.write('toy', 'newer', { entities: entities(many, 2), ...at(100) });

    expect([first.writtenCount, again.writtenCount]).toEqual([228, 228]);
    const found = await store.read('toy', keys('newer', many));
    expect(found.map((one) => one?.values.share)).toEqual(many.map((name) => (['e3', 'e150'].includes(name) ? 9 : 2)));
  });

  it('ends with the later values when two writers are at work at once', async () => {
    const store = open();
    const names = Array.from({ length: 120 }, (_, i) => `r${i}`);

    await Promise.all(
      [300, 500, 400].map((ms) => store.write('toy', 'race', { entities: entities(names, ms), ...at(ms) })),
    );

    const found = await store.read('toy', keys('race', names));
    expect(new Set(found.map((one) => one?.values.share))).toEqual(new Set([500]));
  });

  it('remembers the latest materialization of a view', async () => {
    const store = open();
    const run = (eventAtMs: number) => ({ eventAtMs, createdAtMs: 9, inputsDigest: `d${eventAtMs}`, entityCount: 2 });
    expect(await store.lastMaterialization('toy', 'kinds')).toBeUndefined();

    for (const eventAtMs of [5, 7, 6]) await store.recordMaterialization('toy', 'kinds', run(eventAtMs));

    expect(await store.lastMaterialization('toy', 'kinds')).toEqual(run(7));
    expect(await store.lastMaterialization('toy', 'other')).toBeUndefined();
  });
});

it('says when DynamoDB may remove the values, in epoch seconds', async () => {
  await createOnlineStore({ client, table: TableName }).write('toy', 'ttl', {
    entities: entities(['a'], 1),
    eventAtMs: 0,
    createdAtMs: 0,
    expiresAtMs: 90_500,
  });

  const { Item } = await client.send(
    new GetItemCommand({ TableName, Key: { pk: { S: 'toy|ttl|a' }, sk: { S: 'values' } } }),
  );
  expect(Item?.ttl).toEqual({ N: '90' });
});
