import { BatchGetItemCommand, BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchGetItems, batchPutItems } from '../../../../../shared/adapters/dynamodb/table.ts';

const mock = mockClient(DynamoDBClient);
beforeEach(() => mock.reset());

const waits: number[] = [];
const context = {
  client: new DynamoDBClient({ region: 'us-east-1' }),
  table: 't',
  pacing: { random: () => 0.5, elapsedMs: () => 0, sleep: async (ms: number) => void waits.push(ms) },
};
const keys = Array.from({ length: 130 }, (_, i) => ({ pk: `p${i}`, sk: 's' }));
const items = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));

describe('batches', () => {
  it('read all keys, those again that come back unprocessed', async () => {
    let calls = 0;
    mock.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
      calls += 1;
      const asked = RequestItems.t.Keys;
      const half = calls === 1 ? 40 : asked.length;
      return { Responses: { t: asked.slice(0, half) }, UnprocessedKeys: { t: { Keys: asked.slice(half) } } };
    });

    expect(await batchGetItems(context, keys)).toHaveLength(130);
    expect(calls).toBe(3);
    expect(waits).toEqual([25]);
  });

  it('write all items, those again that come back unprocessed', async () => {
    const written = new Set<string>();
    let calls = 0;
    mock.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => {
      calls += 1;
      const asked = RequestItems.t;
      const done = calls % 2 === 1 ? 10 : asked.length;
      for (const { PutRequest } of asked.slice(0, done)) written.add(PutRequest.Item.pk.S);
      return { UnprocessedItems: { t: asked.slice(done) } };
    });

    await batchPutItems(context, items);

    expect(written.size).toBe(130);
  });

  it('give up after eight attempts', async () => {
    mock.on(BatchWriteItemCommand).callsFake(({ RequestItems }) => ({ UnprocessedItems: RequestItems }));

    await expect(batchPutItems(context, items.slice(0, 3))).rejects.toThrow(
      'DynamoDB left 3 items unprocessed in 8 attempts',
    );
  });
});
