import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../infra/local/contracts.ts';
import type { Engine } from '../../../../../infra/local/dynamodb/engine.ts';
import { batchGetItem } from '../../../../../infra/local/dynamodb/operations/batch-get-item.ts';
import { batchWriteItem } from '../../../../../infra/local/dynamodb/operations/batch-write-item.ts';
import { createTable } from '../../../../../infra/local/dynamodb/operations/create-table.ts';
import { getItem } from '../../../../../infra/local/dynamodb/operations/get-item.ts';
import { putItem } from '../../../../../infra/local/dynamodb/operations/put-item.ts';
import { query } from '../../../../../infra/local/dynamodb/operations/query.ts';
import { transactWriteItems } from '../../../../../infra/local/dynamodb/operations/transact-write-items.ts';
import { memoryEngine } from './memory-engine.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/table';

const item = (pk: string, more: object = {}) => ({ pk: { S: pk }, sk: { S: 'a' }, ...more });
const put = (engine: Engine, pk: string, more: object = {}) =>
  putItem(engine, { TableName: 'table', Item: item(pk, more) });
const times = (count: number, work: () => unknown): void => {
  for (let done = 0; done < count; done += 1) work();
};
const refusal = (work: () => unknown): AwsError => {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};
const metered = () => {
  const clock = { nowMs: 0 };
  return { clock, engine: memoryEngine({ metered: true, nowMs: () => clock.nowMs }) };
};

describe('the capacity meter', () => {
  it('lets 1,000 write units a second into one partition key and refuses the next', () => {
    const { engine, clock } = metered();

    times(1_000, () => put(engine, 'hot'));
    const refused = refusal(() => put(engine, 'hot'));
    clock.nowMs = 500;
    times(500, () => put(engine, 'hot'));

    expect(refused).toMatchObject({
      code: 'ThrottlingException',
      status: 400,
      extra: { throttlingReasons: [{ reason: 'TableWriteKeyRangeThroughputExceeded', resource: TABLE }] },
    });
    expect(refusal(() => put(engine, 'hot')).code).toBe('ThrottlingException');
  });

  it('leaves other partition keys alone', () => {
    const { engine } = metered();
    times(1_000, () => put(engine, 'hot'));

    expect(put(engine, 'cold')).toEqual({});
  });

  it('lets 3,000 consistent reads a second through, and twice as many that may be old', () => {
    const { engine } = metered();
    const get = (pk: string, ConsistentRead: boolean) =>
      getItem(engine, { TableName: 'table', Key: item(pk), ConsistentRead });

    times(3_000, () => get('a', true));
    times(6_000, () => get('b', false));

    for (const pk of ['a', 'b']) {
      expect(refusal(() => get(pk, false)).extra).toEqual({
        throttlingReasons: [{ reason: 'TableReadKeyRangeThroughputExceeded', resource: TABLE }],
      });
    }
  });

  it('undoes a write that an index has no room for', () => {
    const { engine } = metered();
    const indexed = { g: { S: 'hot' }, h: { N: '1' } };
    for (let written = 0; written < 1_000; written += 1) put(engine, `key-${written}`, indexed);

    const refused = refusal(() => put(engine, 'one more', indexed));

    expect(refused.extra).toEqual({
      throttlingReasons: [{ reason: 'IndexWriteKeyRangeThroughputExceeded', resource: `${TABLE}/index/gsi` }],
    });
    expect(getItem(engine, { TableName: 'table', Key: item('one more') })).toEqual({});
    const filled = { KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': { S: 'hot' } } };
    expect(query(engine, { TableName: 'table', IndexName: 'gsi', ...filled })).toMatchObject({ Count: 1_000 });
  });

  it('counts a failed condition, and a transaction twice', () => {
    const { engine } = metered();
    const check = { ConditionExpression: 'attribute_exists(pk)' };
    times(500, () => refusal(() => putItem(engine, { TableName: 'table', Item: item('hot'), ...check })));
    times(250, () =>
      transactWriteItems(engine, { TransactItems: [{ Put: { TableName: 'table', Item: item('hot') } }] }),
    );

    const refused = refusal(() =>
      transactWriteItems(engine, { TransactItems: [{ Put: { TableName: 'table', Item: item('hot') } }] }),
    );

    expect(refused).toMatchObject({
      code: 'TransactionCanceledException',
      extra: { CancellationReasons: [{ Code: 'ThrottlingError' }] },
    });
  });

  it('gives back what a batch could not do, and refuses a batch of nothing else', () => {
    const { engine } = metered();
    const writes = (...keys: string[]) => ({
      RequestItems: { table: keys.map((pk) => ({ PutRequest: { Item: item(pk) } })) },
    });
    times(1_000, () => put(engine, 'hot'));
    times(6_000, () => getItem(engine, { TableName: 'table', Key: item('hot') }));

    expect(batchWriteItem(engine, writes('hot', 'cold'))).toEqual({ UnprocessedItems: writes('hot').RequestItems });
    expect(refusal(() => batchWriteItem(engine, writes('hot'))).code).toBe('ThrottlingException');
    expect(batchGetItem(engine, { RequestItems: { table: { Keys: [item('hot'), item('cold')] } } })).toEqual({
      Responses: { table: [item('cold')] },
      UnprocessedKeys: { table: { Keys: [item('hot')] } },
    });
    expect(refusal(() => batchGetItem(engine, { RequestItems: { table: { Keys: [item('hot')] } } })).code).toBe(
      'ThrottlingException',
    );
  });

  it('gives a provisioned table its units and five minutes of those it did not use', () => {
    const { engine, clock } = metered();
    createTable(engine, {
      TableName: 'small',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 },
    });
    let key = 0;
    const write = () => {
      key += 1;
      return putItem(engine, { TableName: 'small', Item: { pk: { S: String(key) } } });
    };

    times(2, write);
    expect(refusal(write)).toMatchObject({
      code: 'ProvisionedThroughputExceededException',
      extra: { ThrottlingReasons: [{ reason: 'TableWriteProvisionedThroughputExceeded' }] },
    });
    clock.nowMs = 24 * 60 * 60_000;
    times(600, write);
    expect(refusal(write).code).toBe('ProvisionedThroughputExceededException');
  });
});
