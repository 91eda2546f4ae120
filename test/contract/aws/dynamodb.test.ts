import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ResourceInUseException,
  ResourceNotFoundException,
  ScanCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createContractTable } from '../../helpers/contract-table.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** What programs rely on in DynamoDB, asked of the embedded one and, with `TEST_TARGET=aws`, of the real one. */

type Item = Record<string, AttributeValue>;

let target: ContractTarget;
let client: DynamoDBClient;
let TableName: string;

beforeAll(async () => {
  target = await openContractTarget([(context) => createDynamoDbService(context)]);
  client = new DynamoDBClient(target.clientConfig);
  TableName = await createContractTable(target, client, 'items');
});

afterAll(async () => {
  await target?.stop();
  client?.destroy();
});

const fresh = (): string => randomUUID();
const key = (pk: string, sk = 0) => ({ pk: { S: pk }, sk: { N: String(sk) } });
const put = (pk: string, sk = 0, more: Item = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { ...key(pk, sk), ...more } }));
const get = async (pk: string, sk = 0): Promise<Item | undefined> =>
  (await client.send(new GetItemCommand({ TableName, Key: key(pk, sk), ConsistentRead: true }))).Item;
const update = (pk: string, more: Partial<UpdateItemCommandInput>) =>
  client.send(new UpdateItemCommand({ TableName, Key: key(pk), ...more }));
const query = (pk: string, more: Partial<QueryCommandInput> = {}) =>
  client.send(
    new QueryCommand({
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ...more,
      ExpressionAttributeValues: { ':pk': { S: pk }, ...more.ExpressionAttributeValues },
    }),
  );
const sorts = (items: readonly Item[] | undefined): readonly (string | undefined)[] =>
  (items ?? []).map(({ sk }) => sk?.N);

describe('writes and reads', () => {
  it('give back what was written, of every type', async () => {
    const pk = fresh();
    const item: Item = {
      text: { S: '' },
      number: { N: '-0.00000000000000000000000000000000000012345' },
      binary: { B: new Uint8Array([0, 255]) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      texts: { SS: ['a', 'b'] },
      numbers: { NS: ['1', '2.5'] },
      list: { L: [{ S: 'a' }, { M: { deep: { L: [] } } }] },
      map: { M: {} },
    };

    await put(pk, 0, item);

    expect(await get(pk)).toEqual({ ...key(pk), ...item });
  });

  it('spell numbers in one way', async () => {
    const pk = fresh();
    await put(pk, 0, { n: { L: ['1e3', '+1.50', '-0', '0.1E-2', '007'].map((N) => ({ N })) } });

    expect((await get(pk))?.n).toEqual({ L: ['1000', '1.5', '0', '0.001', '7'].map((N) => ({ N })) });
  });

  it('give old values when asked, and nothing otherwise', async () => {
    const pk = fresh();
    const first = { ...key(pk), n: { N: '1' } };
    await put(pk, 0, { n: { N: '1' } });

    const replaced = await client.send(
      new PutItemCommand({ TableName, Item: { ...key(pk), n: { N: '2' } }, ReturnValues: 'ALL_OLD' }),
    );
    const removed = await client.send(new DeleteItemCommand({ TableName, Key: key(pk) }));
    const again = await client.send(new DeleteItemCommand({ TableName, Key: key(pk), ReturnValues: 'ALL_OLD' }));

    expect(replaced.Attributes).toEqual(first);
    expect([removed.Attributes, again.Attributes]).toEqual([undefined, undefined]);
  });

  it('show the item that broke a condition when asked', async () => {
    const pk = fresh();
    await put(pk, 0, { n: { N: '1' } });

    const refused = client.send(
      new PutItemCommand({
        TableName,
        Item: key(pk),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );

    await expect(refused).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    await expect(refused).rejects.toMatchObject({
      message: 'The conditional request failed',
      Item: { ...key(pk), n: { N: '1' } },
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('let one of 50 racing creators win', async () => {
    const pk = fresh();
    const creations = Array.from({ length: 50 }, (_, by) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { ...key(pk), by: { N: String(by) } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    );

    const outcomes = await Promise.allSettled(creations);

    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await get(pk))?.by?.N).toBe(String(winner));
  });
});

describe('updates', () => {
  it('do arithmetic, lists, sets and nested paths in one go, reading the item as it was', async () => {
    const pk = fresh();
    await put(pk, 0, {
      a: { N: '1' },
      b: { N: '10' },
      letters: { L: [{ S: 'x' }, { S: 'y' }, { S: 'z' }] },
      tags: { SS: ['old', 'kept'] },
      map: { M: { deep: { N: '1' } } },
      gone: { S: '' },
    });

    const { Attributes } = await update(pk, {
      UpdateExpression:
        'SET a = b - :one, b = a + :one, #m.deep = if_not_exists(#m.absent, :five), letters[3] = :new, longer = list_append(:front, letters) REMOVE gone, letters[0] ADD amount :five, tags :more DELETE absent :more',
      ExpressionAttributeNames: { '#m': 'map' },
      ExpressionAttributeValues: {
        ':one': { N: '1' },
        ':five': { N: '5' },
        ':new': { S: 'w' },
        ':front': { L: [{ S: 'first' }] },
        ':more': { SS: ['kept', 'more'] },
      },
      ReturnValues: 'ALL_NEW',
    });

    expect(Attributes).toMatchObject({
      a: { N: '9' },
      b: { N: '2' },
      map: { M: { deep: { N: '5' } } },
      letters: { L: [{ S: 'y' }, { S: 'z' }, { S: 'w' }] },
      longer: { L: [{ S: 'first' }, { S: 'x' }, { S: 'y' }, { S: 'z' }] },
      amount: { N: '5' },
    });
    expect(new Set(Attributes?.tags?.SS)).toEqual(new Set(['old', 'kept', 'more']));
    expect(Attributes).not.toHaveProperty('gone');
  });

  it.each([
    ['ALL_OLD', { a: { N: '1' }, b: { N: '2' } }],
    ['UPDATED_OLD', { a: { N: '1' } }],
    ['UPDATED_NEW', { a: { N: '3' }, c: { N: '4' } }],
    ['ALL_NEW', { a: { N: '3' }, b: { N: '2' }, c: { N: '4' } }],
  ] as const)('return %s', async (ReturnValues, expected) => {
    const pk = fresh();
    await put(pk, 0, { a: { N: '1' }, b: { N: '2' } });

    const { Attributes } = await update(pk, {
      UpdateExpression: 'SET a = :a, c = :c',
      ExpressionAttributeValues: { ':a': { N: '3' }, ':c': { N: '4' } },
      ReturnValues,
    });

    expect(Attributes).toEqual(ReturnValues.startsWith('ALL') ? { ...key(pk), ...expected } : expected);
  });

  it('bring an item into being, unless they only take away', async () => {
    const [made, none] = [fresh(), fresh()];

    await update(made, {});
    await update(none, { UpdateExpression: 'REMOVE a' });

    expect([await get(made), await get(none)]).toEqual([key(made), undefined]);
  });
});

describe('queries and scans', () => {
  it('order by the sort key’s value and end where the condition says', async () => {
    const pk = fresh();
    for (const sk of [10, 9, -1, 2.5, 100]) await put(pk, sk);
    const among = (condition: string, values: Item = {}) =>
      query(pk, { KeyConditionExpression: `pk = :pk AND ${condition}`, ExpressionAttributeValues: values });

    expect(sorts((await query(pk)).Items)).toEqual(['-1', '2.5', '9', '10', '100']);
    expect(sorts((await query(pk, { ScanIndexForward: false, Limit: 2 })).Items)).toEqual(['100', '10']);
    expect(sorts((await among('sk BETWEEN :a AND :b', { ':a': { N: '2.5' }, ':b': { N: '10' } })).Items)).toEqual([
      '2.5',
      '9',
      '10',
    ]);
    expect(sorts((await among('sk > :a', { ':a': { N: '9' } })).Items)).toEqual(['10', '100']);
  });

  it('go on behind the last key, and count what a filter leaves', async () => {
    const pk = fresh();
    for (const sk of [1, 2, 3, 4, 5]) await put(pk, sk, { odd: { BOOL: sk % 2 === 1 } });
    const first = await query(pk, { Limit: 3 });

    const rest = await query(pk, { Limit: 3, ExclusiveStartKey: first.LastEvaluatedKey });
    const filtered = await query(pk, {
      FilterExpression: 'odd = :yes',
      ExpressionAttributeValues: { ':yes': { BOOL: true } },
      Select: 'COUNT',
    });

    expect(first.LastEvaluatedKey).toEqual(key(pk, 3));
    expect([sorts(rest.Items), rest.LastEvaluatedKey]).toEqual([['4', '5'], undefined]);
    expect(filtered).toMatchObject({ Count: 3, ScannedCount: 5 });
    expect(filtered.Items).toBeUndefined();
  });

  it('end a page at 1 MB', async () => {
    const pk = fresh();
    const large = { data: { S: 'x'.repeat(300_000) } };
    for (const sk of [1, 2, 3, 4, 5]) {
      // A partition key takes 1,000 write units a second, and each of these is 293.
      await target.wait(1_000);
      await put(pk, sk, large);
    }

    const page = await query(pk, { ProjectionExpression: 'sk' });

    expect([sorts(page.Items), page.LastEvaluatedKey]).toEqual([['1', '2', '3', '4'], key(pk, 4)]);
  });

  it('find by an index what it keeps, in the end', async () => {
    const [pk, g] = [fresh(), fresh()];
    await put(pk, 2, { g: { S: g }, note: { S: 'kept' }, other: { S: 'left out' } });
    await put(pk, 1, { other: { S: 'not in the index' } });
    const read = () =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: 'by-group',
          KeyConditionExpression: 'g = :g',
          ExpressionAttributeValues: { ':g': { S: g } },
        }),
      );
    await target.eventually('the index has the item', async () => (await read()).Count === 1);

    expect((await read()).Items).toEqual([{ ...key(pk, 2), g: { S: g }, note: { S: 'kept' } }]);
  });

  it('scan by segments what a whole scan finds, each item once', async () => {
    const name = await createContractTable(target, client, 'segments');
    const writes = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: key(`segment-${n}`) } }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: writes } }));
    const segment = async (Segment: number) =>
      (await client.send(new ScanCommand({ TableName: name, ConsistentRead: true, Segment, TotalSegments: 4 })))
        .Items ?? [];

    const found = (await Promise.all([0, 1, 2, 3].map(segment))).flat().map(({ pk }) => pk?.S);

    expect(found.toSorted()).toEqual(writes.map(({ PutRequest }) => PutRequest.Item.pk.S).toSorted());
  });
});

describe('tables', () => {
  it('are described, and made once', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));

    expect(Table).toMatchObject({
      TableName,
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        { IndexName: 'by-group', Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] } },
      ],
      ProvisionedThroughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 },
    });
    await expect(createContractTable(target, client, 'items')).rejects.toBeInstanceOf(ResourceInUseException);
    await expect(client.send(new DescribeTableCommand({ TableName: `${TableName}-none` }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Requested resource not found: Table: ${TableName}-none not found`,
    });
    await expect(
      client.send(new GetItemCommand({ TableName: `${TableName}-none`, Key: key('a') })),
    ).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  it('tell their settings of expiry and recovery', async () => {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      }),
    );
    await client.send(
      new UpdateContinuousBackupsCommand({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    );

    const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    const { ContinuousBackupsDescription } = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(TimeToLiveDescription?.AttributeName).toBe('expires');
    expect(ContinuousBackupsDescription).toMatchObject({
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
    });
  });
});
