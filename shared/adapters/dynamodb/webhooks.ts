import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Delivery, Webhook } from '../../core/webhooks/index.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { DAY_MS, SECOND_MS } from '../../kernel/time.ts';
import type { WebhookStore } from '../../ports/webhook-store.ts';
import { type Item, toAttributeValue, toItem } from './attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import type { Key } from './keys.ts';
import { call, getItem, queryPage } from './table.ts';

/**
 * Webhooks in the tracking table, which its own key of KMS encrypts, secrets and all:
 *
 * | Access pattern                     | Key condition                                              | Function       |
 * |------------------------------------|------------------------------------------------------------|----------------|
 * | webhooks of a workspace            | pk = W/WS/webhooks                                         | list           |
 * | a webhook                          | pk = W/WS/webhooks, sk = WEBHOOK                           | get            |
 * | a webhook's deliveries, latest 1st | pk = W/WS/deliveries/WEBHOOK, sk = INVERTED-TIME#DELIVERY  | listDeliveries |
 */

interface Options {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly workspace: string;
  readonly pacing?: RetryPacing;
}

interface Context extends Required<Options> {
  readonly webhookKey: (webhookId: string) => Key;
  readonly deliveryKey: (delivery: Pick<Delivery, 'webhookId' | 'createdAtMs' | 'deliveryId'>) => Key;
}

const PAGE = 100;
const DEADLINE_MS = 5_000;
const KEPT_DAYS = 30;
const LAST_MS = 99_999_999_999_999;
const invertedTime = (atMs: number): string => String(LAST_MS - atMs).padStart(14, '0');
const DELIVERY_SK = /^\d{14}#[0-9a-f-]{36}$/;

const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** @returns whether the condition held. */
const written = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await call(work);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
};

const notFound = (webhookId: string): NotFoundError => new NotFoundError(`Webhook with ID ${webhookId} not found.`);

type StoredWebhook = Webhook & { readonly revision: number };

const webhookOf = (item: Item): { readonly webhook: Webhook; readonly revision: number } => {
  const { revision, ...webhook } = decodeEntity<StoredWebhook>('Webhook', item);
  return { webhook, revision };
};

const webhooks = ({ client, table, workspace, pacing, webhookKey }: Context) => {
  const find = async (webhookId: string) => {
    const item = await getItem(client, table, webhookKey(webhookId));
    if (item === undefined) throw notFound(webhookId);
    return webhookOf(item);
  };
  const put = (webhook: Webhook, revision: number, condition: Pick<PutItemCommand['input'], 'ConditionExpression'>) =>
    written(() =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: encodeEntity('Webhook', webhookKey(webhook.webhookId), { ...webhook, revision }),
          ...condition,
        }),
      ),
    );
  return {
    list: async () => {
      const { items } = await queryPage(client, {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': toAttributeValue(`W/${workspace}/webhooks`) },
        Limit: PAGE,
      });
      return items
        .map((item) => webhookOf(item).webhook)
        .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.webhookId < b.webhookId ? -1 : 1));
    },
    get: async (webhookId) => (await find(webhookId)).webhook,
    create: async (webhook) => {
      await put(webhook, 1, { ConditionExpression: 'attribute_not_exists(pk)' });
    },
    change: (webhookId, change) =>
      retryWhileContended(
        `a change of webhook ${webhookId}`,
        DEADLINE_MS,
        async () => {
          const { webhook, revision } = await find(webhookId);
          const next = change(webhook);
          const still = {
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': toAttributeValue(revision) },
          };
          return (await put(next, revision + 1, still)) ? next : CONTENDED;
        },
        pacing,
      ),
    delete: async (webhookId) => {
      const deletion = new DeleteItemCommand({
        TableName: table,
        Key: toItem(webhookKey(webhookId)),
        ConditionExpression: 'attribute_exists(pk)',
      });
      if (!(await written(() => client.send(deletion)))) throw notFound(webhookId);
    },
  } satisfies Partial<WebhookStore>;
};

type StoredDelivery = Delivery & { readonly leasedUntilMs?: number; readonly ttl: number };

const deliveryOf = (item: Item): Delivery => {
  const { leasedUntilMs: _, ttl: __, ...delivery } = decodeEntity<StoredDelivery>('WebhookDelivery', item);
  return delivery;
};

const deliveries = ({ client, table, deliveryKey }: Context) => {
  const encode = (delivery: Delivery, leasedUntilMs?: number): Item =>
    encodeEntity('WebhookDelivery', deliveryKey(delivery), {
      ...delivery,
      leasedUntilMs,
      ttl: Math.ceil((delivery.createdAtMs + KEPT_DAYS * DAY_MS) / SECOND_MS),
    });
  return {
    claimDelivery: async (given, { nowMs, untilMs }) => {
      const item = await getItem(client, table, deliveryKey(given));
      const standing = item === undefined ? given : deliveryOf(item);
      if (standing.status !== 'PENDING') return 'ended';
      const claim = new PutItemCommand({
        TableName: table,
        Item: encode(standing, untilMs),
        ConditionExpression:
          'attribute_not_exists(pk) OR (#status = :pending AND attemptCount = :attempts AND (attribute_not_exists(leasedUntilMs) OR leasedUntilMs < :now))',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: toItem({
          ':pending': 'PENDING',
          ':attempts': standing.attemptCount,
          ':now': nowMs,
        }),
      });
      return (await written(() => client.send(claim))) ? standing : 'taken';
    },
    recordDelivery: async (delivery) => {
      await call(() => client.send(new PutItemCommand({ TableName: table, Item: encode(delivery) })));
    },
    listDeliveries: async (webhookId, limit, cursor) => {
      const pk = deliveryKey({ webhookId, createdAtMs: 0, deliveryId: '' }).pk;
      const { items, hasMore } = await queryPage(client, {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': toAttributeValue(pk) },
        ...(cursor === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk: decodeCursor(cursor, DELIVERY_SK) }) }),
        Limit: limit,
      });
      const last = items.at(-1)?.sk?.S;
      return {
        deliveries: items.map(deliveryOf),
        ...(hasMore && last !== undefined ? { nextCursor: encodeCursor(last) } : {}),
      };
    },
  } satisfies Partial<WebhookStore>;
};

export const createWebhookStore = (options: Options): WebhookStore => {
  const { workspace } = options;
  const context: Context = {
    pacing: realPacing,
    ...options,
    webhookKey: (webhookId) => ({ pk: `W/${workspace}/webhooks`, sk: webhookId }),
    deliveryKey: ({ webhookId, createdAtMs, deliveryId }) => ({
      pk: `W/${workspace}/deliveries/${webhookId}`,
      sk: `${invertedTime(createdAtMs)}#${deliveryId}`,
    }),
  };
  return { ...webhooks(context), ...deliveries(context) };
};
