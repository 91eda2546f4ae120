import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DailyUsage } from '../../core/metering/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import { MOST_USAGE_LISTED, type UsageStore } from '../../ports/usage-store.ts';
import { toItem } from './attribute-value.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { call, queryItems } from './table.ts';
import { countedUntilKey, usageDays, usageKey, usagePartition } from './usage-keys.ts';

const CURSOR_FORM = /^day#.+$/s;
/** Items written side by side. */
const PARALLEL = 16;

interface Options {
  readonly client: DynamoDBClient;
  readonly lineageTable: string;
}

/** Usage on DynamoDB: one item a count, which only ever grows. */
export const createUsageStore = ({ client, lineageTable: TableName }: Options): UsageStore => {
  const raiseOne = async (model: string, usage: DailyUsage): Promise<void> => {
    const command = new PutItemCommand({
      TableName,
      Item: encodeEntity('DailyUsage', usageKey(model, usage), usage),
      ConditionExpression: 'attribute_not_exists(pk) OR requestCount < :requestCount',
      ExpressionAttributeValues: { ':requestCount': { N: String(usage.requestCount) } },
    });
    try {
      await call(() => client.send(command));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  };

  return {
    raise: async (model, usage) => {
      for (let start = 0; start < usage.length; start += PARALLEL) {
        await Promise.all(usage.slice(start, start + PARALLEL).map((one) => raiseOne(model, one)));
      }
    },
    list: async (model, { from, to }, { limit, cursor }) => {
      if (!Number.isInteger(limit) || limit < 1 || limit > MOST_USAGE_LISTED) {
        throw new InvalidRequestError(`limit must be an integer in [1, ${MOST_USAGE_LISTED}], got ${limit}`);
      }
      const pk = usagePartition(model);
      const [first, last] = usageDays(from, to);
      const sk = cursor === undefined ? undefined : decodeCursor(cursor, CURSOR_FORM);
      const { items, hasMore } = await queryItems(
        client,
        {
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':first': { S: first }, ':last': { S: last } },
          ConsistentRead: true,
          ...(sk === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk }) }),
        },
        limit,
      );
      const usage = items.map((item) => decodeEntity<DailyUsage>('DailyUsage', item));
      const end = usage.at(-1);
      return { items: usage, ...(hasMore && end ? { nextCursor: encodeCursor(usageKey(model, end).sk) } : {}) };
    },
    countedUntilMs: async (model) => {
      const { pk, sk } = countedUntilKey(model);
      // As the counts are read, so that whoever reads them needs no other permission.
      const { items } = await queryItems(
        client,
        {
          TableName,
          KeyConditionExpression: 'pk = :pk AND sk = :sk',
          ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
          ConsistentRead: true,
        },
        1,
      );
      const [item] = items;
      return item && decodeEntity<{ readonly atMs: number }>('UsageProgress', item).atMs;
    },
    setCountedUntil: async (model, atMs) => {
      const Item = encodeEntity('UsageProgress', countedUntilKey(model), { atMs });
      await call(() => client.send(new PutItemCommand({ TableName, Item })));
    },
  };
};
