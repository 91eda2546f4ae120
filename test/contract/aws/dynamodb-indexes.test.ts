import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createContractTable } from '../../helpers/contract-table.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** Local indexes, what calls cost, and definitions that are refused: here and, with `TEST_TARGET=aws`, on AWS. */

let target: ContractTarget;
let client: DynamoDBClient;
let TableName: string;

const KEYS = [
  { AttributeName: 'pk', KeyType: 'HASH' as const },
  { AttributeName: 'sk', KeyType: 'RANGE' as const },
];
const BY_RANK = {
  IndexName: 'by-rank',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'rank', KeyType: 'RANGE' as const },
  ],
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
};
const typed = (...names: string[]) =>
  names.map((name) => ({
    AttributeName: name,
    AttributeType: name === 'sk' || name === 'rank' ? ('N' as const) : ('S' as const),
  }));

beforeAll(async () => {
  target = await openContractTarget([(context) => createDynamoDbService(context)]);
  client = new DynamoDBClient(target.clientConfig);
  TableName = await createContractTable(target, client, 'indexed', {
    AttributeDefinitions: typed('pk', 'sk', 'g', 'rank'),
    LocalSecondaryIndexes: [BY_RANK],
  });
});

afterAll(async () => {
  await target?.stop();
  client?.destroy();
});

const item = (pk: string, sk: number, rank: number) => ({
  pk: { S: pk },
  sk: { N: String(sk) },
  rank: { N: String(rank) },
  note: { S: 'x'.repeat(1_500) },
});
const put = (Item: ReturnType<typeof item>) =>
  client.send(
    new PutItemCommand({ TableName, Item, ReturnConsumedCapacity: 'INDEXES', ReturnItemCollectionMetrics: 'SIZE' }),
  );
const byRank = (pk: string, more: Partial<QueryCommandInput> = {}) =>
  client.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-rank',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
      ReturnConsumedCapacity: 'INDEXES',
      ...more,
    }),
  );

describe('a local index', () => {
  it('orders a partition by its own key, up to date, and keeps what it was told to', async () => {
    await put(item('a', 1, 30));
    await put(item('a', 2, 10));

    const { Items, ConsumedCapacity } = await byRank('a');

    expect(Items).toEqual([
      { pk: { S: 'a' }, sk: { N: '2' }, rank: { N: '10' } },
      { pk: { S: 'a' }, sk: { N: '1' }, rank: { N: '30' } },
    ]);
    expect(ConsumedCapacity).toEqual({
      TableName,
      CapacityUnits: 1,
      Table: { CapacityUnits: 0 },
      LocalSecondaryIndexes: { 'by-rank': { CapacityUnits: 1 } },
    });
  });

  it('fetches from the table what it does not keep, for a price', async () => {
    await put(item('b', 1, 1));

    const whole = await byRank('b', { Select: 'ALL_ATTRIBUTES' });
    const part = await byRank('b', { ProjectionExpression: 'note' });

    expect(whole.Items).toEqual([item('b', 1, 1)]);
    expect(part.Items).toEqual([{ note: { S: 'x'.repeat(1_500) } }]);
    expect(whole.ConsumedCapacity).toMatchObject({ CapacityUnits: 2, Table: { CapacityUnits: 1 } });
  });

  it('costs a write of its own, and makes writes tell of their item collection', async () => {
    const { ConsumedCapacity, ItemCollectionMetrics } = await put(item('c', 1, 1));

    expect(ConsumedCapacity).toEqual({
      TableName,
      CapacityUnits: 3,
      Table: { CapacityUnits: 2 },
      LocalSecondaryIndexes: { 'by-rank': { CapacityUnits: 1 } },
    });
    expect(ItemCollectionMetrics).toEqual({ ItemCollectionKey: { pk: { S: 'c' } }, SizeEstimateRangeGB: [0, 1] });
  });

  it('is described without throughput of its own', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));

    expect(Table?.LocalSecondaryIndexes).toMatchObject([BY_RANK]);
    expect(Table?.LocalSecondaryIndexes?.[0]).not.toHaveProperty('ProvisionedThroughput');
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['by-group']);
  });
});

describe('capacity', () => {
  it('is told whole, by index, or not at all', async () => {
    const get = async (more: object) =>
      (await client.send(new GetItemCommand({ TableName, Key: { pk: { S: 'a' }, sk: { N: '1' } }, ...more })))
        .ConsumedCapacity;
    await put(item('a', 1, 30));

    expect(await get({})).toBeUndefined();
    expect(await get({ ReturnConsumedCapacity: 'TOTAL' })).toEqual({ TableName, CapacityUnits: 0.5 });
    expect(await get({ ReturnConsumedCapacity: 'INDEXES', ConsistentRead: true })).toEqual({
      TableName,
      CapacityUnits: 1,
      Table: { CapacityUnits: 1 },
    });
  });
});

describe('a table is refused', () => {
  const define = (more: Partial<CreateTableCommandInput>) =>
    client.send(
      new CreateTableCommand({
        TableName: `${target.prefix}-refused`,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: KEYS,
        AttributeDefinitions: typed('pk', 'sk'),
        ...more,
      }),
    );

  it.each([
    [
      'with an attribute that no key uses',
      { AttributeDefinitions: typed('pk', 'sk', 'other') },
      'AttributeDefinitions',
    ],
    ['with a key that is not defined', { AttributeDefinitions: typed('pk') }, 'not defined in AttributeDefinitions'],
    [
      'with units and without paying for them',
      { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } },
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    ],
    [
      'with a local index of another partition key',
      {
        AttributeDefinitions: typed('pk', 'sk', 'g', 'rank'),
        LocalSecondaryIndexes: [{ ...BY_RANK, KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' as const }, KEYS[1]] }],
      },
      'Index KeySchema does not have the same leading hash key as table KeySchema for index: by-rank',
    ],
    [
      'with a local index and no sort key',
      {
        KeySchema: [KEYS[0]],
        AttributeDefinitions: typed('pk', 'rank'),
        LocalSecondaryIndexes: [BY_RANK],
      },
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    ],
    [
      'with two indexes of one name',
      {
        AttributeDefinitions: typed('pk', 'sk', 'rank'),
        LocalSecondaryIndexes: [BY_RANK, BY_RANK],
      },
      'Duplicate index name: by-rank',
    ],
  ] as const)('%s', async (_what, more, message) => {
    await expect(define(more as Partial<CreateTableCommandInput>)).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining(message),
    });
  });
});
