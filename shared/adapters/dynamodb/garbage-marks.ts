import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { GarbageMark } from '../../core/governance/index.ts';
import { LimitExceededError } from '../../kernel/errors.ts';
import type { GarbageMarks } from '../../ports/garbage-marks.ts';
import { toItem } from './attribute-value.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { GARBAGE_PARTITION, garbageKey } from './governance-keys.ts';
import { call, queryItems } from './table.ts';

const MOST_MARKS = 100_000;

export const createGarbageMarks = (client: DynamoDBClient, registryTable: string): GarbageMarks => ({
  list: async () => {
    const { items, hasMore } = await queryItems(
      client,
      {
        TableName: registryTable,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: GARBAGE_PARTITION } },
        ConsistentRead: true,
      },
      MOST_MARKS,
    );
    if (hasMore) throw new LimitExceededError(`more than ${MOST_MARKS} folders are marked as garbage`);
    return items.map((item) => decodeEntity<GarbageMark>('GarbageMark', item));
  },

  mark: async (mark) => {
    const command = new PutItemCommand({
      TableName: registryTable,
      Item: encodeEntity('GarbageMark', garbageKey(mark.prefix), mark),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    try {
      await call(() => client.send(command));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  },

  unmark: async (prefix) => {
    const command = new DeleteItemCommand({ TableName: registryTable, Key: toItem(garbageKey(prefix)) });
    await call(() => client.send(command));
  },
});
