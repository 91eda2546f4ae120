import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { SECOND_MS } from '../../kernel/time.ts';
import type { EntityWrite, Materialization, OnlineStore } from '../../ports/online-store.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { entityValuesKey, materializationKey } from './online-keys.ts';
import { type BatchGet, createOnlineReader } from './online-reader.ts';
import { call, getItem, transact } from './table.ts';

export interface OnlineStoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly pacing?: RetryPacing;
}

/** As many as a transaction takes. */
const WRITE_BATCH = 100;
const PARALLEL_WRITES = 4;
/** Another run holds an entity for as long as its transaction takes. */
const WRITE_DEADLINE_MS = 30_000;
const NOT_LATER = 'attribute_not_exists(pk) OR eventAtMs <= :eventAtMs';

const batchesOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/**
 * Writes a batch whole. Where an entity has later values it is left out, and the others go again: each refusal takes at
 * least one away, so this comes to an end.
 */
const writeBatch = async (
  { client, pacing = realPacing }: OnlineStoreOptions,
  actions: readonly TransactWriteItem[],
): Promise<number> => {
  let left = actions;
  while (left.length > 0) {
    const batch = left;
    const written = await retryWhileContended(
      'writing feature values',
      WRITE_DEADLINE_MS,
      async () => {
        const result = await transact(client, batch);
        return result.outcome === 'contended' ? CONTENDED : result;
      },
      pacing,
    );
    if (written.outcome === 'written') return left.length;
    left = batch.filter((_, i) => written.refusals[i]?.refused !== true);
  }
  return 0;
};

const batchGetBy =
  (client: DynamoDBClient): BatchGet =>
  async (table, keys) => {
    const Keys = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
    const request = new BatchGetItemCommand({ RequestItems: { [table]: { Keys } } });
    const { Responses, UnprocessedKeys } = await call(() => client.send(request));
    return { items: Responses?.[table] ?? [], unprocessed: UnprocessedKeys?.[table]?.Keys ?? [] };
  };

/** On the online table: see `online-keys.ts`. */
export const createOnlineStore = (options: OnlineStoreOptions): OnlineStore => {
  const { client, table, pacing } = options;
  return {
    read: createOnlineReader({ table, batchGet: batchGetBy(client), ...(pacing === undefined ? {} : { pacing }) }).read,

    write: async (model, view, { entities, eventAtMs, createdAtMs, expiresAtMs }) => {
      const ttl = Math.floor(expiresAtMs / SECOND_MS);
      const putOf = ({ entity, values }: EntityWrite): TransactWriteItem => ({
        Put: {
          TableName: table,
          Item: encodeEntity('EntityValues', entityValuesKey(model, { view, entity }), {
            values,
            eventAtMs,
            createdAtMs,
            ttl,
          }),
          ConditionExpression: NOT_LATER,
          ExpressionAttributeValues: { ':eventAtMs': { N: String(eventAtMs) } },
        },
      });
      const batches = batchesOf(entities, WRITE_BATCH);
      let writtenCount = 0;
      const lane = async (): Promise<void> => {
        for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
          const count = await writeBatch(options, batch.map(putOf));
          writtenCount += count;
        }
      };
      await Promise.all(Array.from({ length: PARALLEL_WRITES }, lane));
      return { writtenCount };
    },

    lastMaterialization: async (model, view) => {
      const item = await getItem(client, table, materializationKey(model, view));
      return item && decodeEntity<Materialization>('Materialization', item);
    },

    recordMaterialization: async (model, view, materialization) => {
      const command = new PutItemCommand({
        TableName: table,
        Item: encodeEntity('Materialization', materializationKey(model, view), materialization),
        ConditionExpression: NOT_LATER,
        ExpressionAttributeValues: { ':eventAtMs': { N: String(materialization.eventAtMs) } },
      });
      try {
        await call(() => client.send(command));
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
};
