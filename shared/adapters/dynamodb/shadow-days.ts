import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ShadowDay } from '../../core/deployment/index.ts';
import { assert } from '../../kernel/assert.ts';
import type { ShadowDays } from '../../ports/shadow-days.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { shadowDayKey, shadowPartition, shadowPrefix } from './shadow-keys.ts';
import { call, queryItems } from './table.ts';

/** A pair is compared on 366 days at most. */
const MOST_DAYS = 1_000;

interface Options {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
}

export const createShadowDays = ({ client, registryTable: TableName }: Options): ShadowDays => ({
  putIfAbsent: async (day) => {
    const command = new PutItemCommand({
      TableName,
      Item: encodeEntity('ShadowDay', shadowDayKey(day, day.day), day),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    try {
      await call(() => client.send(command));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },

  list: async (pair) => {
    const { items, hasMore } = await queryItems(
      client,
      {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: shadowPartition(pair.model) }, ':prefix': { S: shadowPrefix(pair) } },
        ConsistentRead: true,
      },
      MOST_DAYS,
    );
    assert(!hasMore, `a pair of ${pair.model} has at most ${MOST_DAYS} days`);
    return items.map((item) => decodeEntity<ShadowDay>('ShadowDay', item));
  },
});
