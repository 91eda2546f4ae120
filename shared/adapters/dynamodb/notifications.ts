import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { NOTIFICATION_PREFIX } from '../../contracts/names.ts';
import type { NotificationRecord } from '../../core/notifications/index.ts';
import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import type { NotificationStore } from '../../ports/notification-store.ts';
import { type Item, toAttributeValue } from './attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import type { Key } from './keys.ts';
import { call, getItem, queryItems, transact } from './table.ts';

/**
 * Episodes of notifications in the registry's table:
 *
 * | Access pattern          | Key condition                                          | Function |
 * |-------------------------|--------------------------------------------------------|----------|
 * | a subject's episode     | pk = notification#M, sk = current#SUBJECT              | change   |
 * | all of a model          | pk = notification#M                                    | list     |
 */

const PAGE = 200;
const KEPT_DAYS = 90;
const LAST_MS = 99_999_999_999_999;
/** Others that change an episode are a handful: the function that tells, and people who acknowledge. */
const DEADLINE_MS = 5_000;

type Stored = NotificationRecord & { readonly revision: number; readonly ttl: number };

const partition = (model: string): string => `${NOTIFICATION_PREFIX}${model}`;
const currentKey = (model: string, subject: string): Key => ({ pk: partition(model), sk: `current#${subject}` });
const pastKey = ({ model, id, openedAtMs }: NotificationRecord): Key => ({
  pk: partition(model),
  // The latest first.
  sk: `past#${String(LAST_MS - openedAtMs).padStart(14, '0')}#${id}`,
});

const decode = (item: Item): { readonly record: NotificationRecord; readonly revision: number } => {
  const { revision, ttl: _, ...record } = decodeEntity<Stored>('Notification', item);
  return { record, revision };
};

const encode = (key: Key, record: NotificationRecord, revision: number): Item =>
  encodeEntity('Notification', key, {
    ...record,
    revision,
    ttl: Math.ceil((record.heardAtMs + KEPT_DAYS * DAY_MS) / SECOND_MS),
  });

interface Options {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  readonly pacing?: RetryPacing;
}

export const createNotificationStore = ({
  client,
  registryTable: TableName,
  pacing = realPacing,
}: Options): NotificationStore => {
  const condition = (revision: number | undefined) =>
    revision === undefined
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: 'revision = :revision',
          ExpressionAttributeValues: { ':revision': toAttributeValue(revision) },
        };

  const replace = async (key: Key, next: NotificationRecord, revision: number | undefined): Promise<boolean> => {
    const Item = encode(key, next, (revision ?? 0) + 1);
    try {
      await call(() => client.send(new PutItemCommand({ TableName, Item, ...condition(revision) })));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  const follow = async (
    key: Key,
    next: NotificationRecord,
    standing: { readonly record: NotificationRecord; readonly revision: number },
  ): Promise<boolean> => {
    const { record, revision } = standing;
    const { outcome } = await transact(client, [
      { Put: { TableName, Item: encode(key, next, revision + 1), ...condition(revision) } },
      { Put: { TableName, Item: encode(pastKey(record), record, revision) } },
    ]);
    return outcome === 'written';
  };

  return {
    change: ({ model, subject }, decide) =>
      retryWhileContended(
        `a change of notification ${subject} of ${model}`,
        DEADLINE_MS,
        async () => {
          const key = currentKey(model, subject);
          const item = await getItem(client, TableName, key);
          const standing = item === undefined ? undefined : decode(item);
          const next = decide(standing?.record);
          if (next === undefined || next === standing?.record) return standing?.record;
          const written =
            standing === undefined || standing.record.id === next.id
              ? await replace(key, next, standing?.revision)
              : await follow(key, next, standing);
          return written ? next : CONTENDED;
        },
        pacing,
      ),

    list: async (model) => {
      const { items } = await queryItems(
        client,
        {
          TableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: partition(model) } },
          ConsistentRead: true,
        },
        PAGE,
      );
      return items.map((item) => decode(item).record).toSorted((a, b) => b.openedAtMs - a.openedAtMs);
    },
  };
};
