import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  IdempotentParameterMismatchException,
  PutItemCommand,
  TransactGetItemsCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../../infra/local/dynamodb/service.ts';
import { createContractTable } from '../../helpers/contract-table.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';

/** Batches and transactions of DynamoDB, asked of the embedded one and, with `TEST_TARGET=aws`, of the real one. */

type Item = Record<string, AttributeValue>;

let target: ContractTarget;
let client: DynamoDBClient;
let TableName: string;

beforeAll(async () => {
  target = await openContractTarget([(context) => createDynamoDbService(context)]);
  client = new DynamoDBClient(target.clientConfig);
  TableName = await createContractTable(target, client, 'many');
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
const sorts = (items: readonly Item[] | undefined): readonly (string | undefined)[] =>
  (items ?? []).map(({ sk }) => sk?.N);

describe('batches and transactions', () => {
  it('read and write many at once', async () => {
    const pk = fresh();
    const written = await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [1, 2].map((sk) => ({ PutRequest: { Item: key(pk, sk) } })) },
      }),
    );
    const read = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [TableName]: { Keys: [key(pk, 2), key(pk, 3), key(pk, 1)], ConsistentRead: true } },
      }),
    );

    expect(written.UnprocessedItems).toEqual({});
    expect(sorts(read.Responses?.[TableName]).toSorted()).toEqual(['1', '2']);
    expect(read.UnprocessedKeys).toEqual({});
  });

  it('happen whole or not at all, and say why', async () => {
    const pk = fresh();
    await put(pk, 1, { n: { N: '1' } });
    const cancelled = client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName, Item: key(pk, 2) } },
          {
            Update: {
              TableName,
              Key: key(pk, 1),
              UpdateExpression: 'SET n = :n',
              ConditionExpression: 'n > :n',
              ExpressionAttributeValues: { ':n': { N: '5' } },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
          { ConditionCheck: { TableName, Key: key(pk, 9), ConditionExpression: 'attribute_not_exists(pk)' } },
        ],
      }),
    );

    await expect(cancelled).rejects.toBeInstanceOf(TransactionCanceledException);
    await expect(cancelled).rejects.toMatchObject({
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None]',
      CancellationReasons: [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { ...key(pk, 1), n: { N: '1' } },
        },
        { Code: 'None' },
      ],
    });
    expect(await get(pk, 2)).toBeUndefined();
  });

  it('happen once for one token', async () => {
    const pk = fresh();
    const count = (ClientRequestToken: string, by = '1') =>
      client.send(
        new TransactWriteItemsCommand({
          ClientRequestToken,
          ReturnConsumedCapacity: 'TOTAL',
          TransactItems: [
            {
              Update: {
                TableName,
                Key: key(pk),
                UpdateExpression: 'ADD n :by',
                ExpressionAttributeValues: { ':by': { N: by } },
              },
            },
          ],
        }),
      );

    const token = fresh();
    const first = await count(token);
    const second = await count(token);

    expect((await get(pk))?.n).toEqual({ N: '1' });
    expect(first.ConsumedCapacity).toMatchObject([{ TableName, CapacityUnits: 2, WriteCapacityUnits: 2 }]);
    expect(second.ConsumedCapacity).toMatchObject([{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
    await expect(count(token, '2')).rejects.toBeInstanceOf(IdempotentParameterMismatchException);
  });

  it('read many items as of one moment', async () => {
    const pk = fresh();
    await put(pk, 1, { a: { N: '1' }, b: { N: '2' } });

    const { Responses } = await client.send(
      new TransactGetItemsCommand({
        TransactItems: [
          { Get: { TableName, Key: key(pk, 1), ProjectionExpression: 'a' } },
          { Get: { TableName, Key: key(pk, 2) } },
        ],
      }),
    );

    expect(Responses).toEqual([{ Item: { a: { N: '1' } } }, {}]);
  });
});
