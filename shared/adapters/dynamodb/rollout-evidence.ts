import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { RolloutLook } from '../../core/deployment/index.ts';
import type { SeenUnits } from '../../core/judging/index.ts';
import { assert } from '../../kernel/assert.ts';
import { ConflictError } from '../../kernel/errors.ts';
import type { RolloutEvidence, RolloutEvidenceStore } from '../../ports/rollout-evidence.ts';
import type { Item } from './attribute-value.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodePackedEntity, encodeEntity } from './entity.ts';
import { type Key, rolloutEvidenceKey, rolloutLookKey } from './keys.ts';
import { packJson, unpackJson } from './packed-json.ts';
import { call, getItem, queryPage, transact } from './table.ts';

interface Options {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  readonly pacing?: RetryPacing;
}

const DEADLINE_MS = 10_000;
const FINGERPRINT_BYTES = 6;

const packSeen = ({ fingerprints }: SeenUnits): Uint8Array => {
  const bytes = Buffer.alloc(fingerprints.size * FINGERPRINT_BYTES);
  let at = 0;
  for (const fingerprint of fingerprints) at = bytes.writeUIntBE(fingerprint, at, FINGERPRINT_BYTES);
  return bytes;
};

const unpackSeen = (packed: Uint8Array, halvings: number): SeenUnits => {
  const bytes = Buffer.from(packed);
  const fingerprints = new Set<number>();
  for (let at = 0; at < bytes.byteLength; at += FINGERPRINT_BYTES)
    fingerprints.add(bytes.readUIntBE(at, FINGERPRINT_BYTES));
  return { halvings, fingerprints };
};

const encodeEvidence = ({ seenUnits, lookCount, ...evidence }: RolloutEvidence): Item => ({
  ...encodeEntity('RolloutEvidence', rolloutEvidenceKey(evidence.model, evidence.rolloutId), {
    lookCount,
    halvings: seenUnits.halvings,
    content: packJson(evidence),
  }),
  seen: { B: packSeen(seenUnits) },
});

const decodeEvidence = (item: Item): RolloutEvidence => {
  const { lookCount, halvings, content, seen } = item;
  assert(content?.S !== undefined, 'the evidence of a rollout has its content');
  return decodePackedEntity('RolloutEvidence', item, {
    ...(unpackJson(content.S) as object),
    lookCount: Number(lookCount?.N),
    seenUnits: unpackSeen(seen?.B ?? new Uint8Array(), Number(halvings?.N)),
  });
};

const encodeLook = (key: Key, look: RolloutLook): Item => encodeEntity('RolloutLook', key, { content: packJson(look) });

const decodeLook = (item: Item): RolloutLook => {
  assert(item.content?.S !== undefined, 'a look has its content');
  return decodePackedEntity('RolloutLook', item, unpackJson(item.content.S) as Record<string, unknown>);
};

/** Evidence and looks of rollouts in the registry's table. An item has 33 KB of evidence and 200 KB of units at most. */
export const createRolloutEvidence = ({
  client,
  registryTable: TableName,
  pacing = realPacing,
}: Options): RolloutEvidenceStore => {
  const read = async (model: string, rolloutId: string): Promise<RolloutEvidence | undefined> => {
    const item = await getItem(client, TableName, rolloutEvidenceKey(model, rolloutId));
    return item === undefined ? undefined : decodeEvidence(item);
  };
  const readLook = async (model: string, rolloutId: string, index: number): Promise<RolloutLook | undefined> => {
    const item = await getItem(client, TableName, rolloutLookKey(model, rolloutId, index));
    return item === undefined ? undefined : decodeLook(item);
  };
  const standingLook = async (model: string, rolloutId: string, index: number): Promise<RolloutLook> => {
    const look = await readLook(model, rolloutId, index);
    if (look !== undefined) return look;
    throw new ConflictError(
      `look ${index} at rollout ${rolloutId} of ${model} does not follow on those that were taken`,
    );
  };

  return {
    open: async (evidence) => {
      const { model, rolloutId } = evidence;
      try {
        const Item = encodeEvidence(evidence);
        await call(() =>
          client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' })),
        );
        return evidence;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const standing = await read(model, rolloutId);
        assert(standing !== undefined, `the evidence of rollout ${rolloutId} stands`);
        return standing;
      }
    },

    get: read,
    getLook: readLook,

    record: async (evidence, look) => {
      const { model, rolloutId } = evidence;
      const key = rolloutLookKey(model, rolloutId, look.index);
      const writes: readonly TransactWriteItem[] = [
        {
          Put: {
            TableName,
            Item: encodeEvidence({ ...evidence, lookCount: look.index + 1 }),
            ConditionExpression: 'lookCount = :taken',
            ExpressionAttributeValues: { ':taken': { N: String(look.index) } },
          },
        },
        { Put: { TableName, Item: encodeLook(key, look), ConditionExpression: 'attribute_not_exists(pk)' } },
      ];
      return retryWhileContended(
        `look ${look.index} at rollout ${rolloutId} of ${model}`,
        DEADLINE_MS,
        async () => {
          const { outcome } = await transact(client, writes);
          if (outcome === 'contended') return CONTENDED;
          return outcome === 'written' ? look : standingLook(model, rolloutId, look.index);
        },
        pacing,
      );
    },

    listLooks: async (model, rolloutId, limit, cursor) => {
      const { pk } = rolloutLookKey(model, rolloutId, 0);
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^\d{10}$/);
      const { items, hasMore } = await queryPage(client, {
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: { pk: { S: pk }, sk: { S: after } } }),
      });
      const looks = items.map(decodeLook);
      const last = looks.at(-1);
      const next = last === undefined ? '' : rolloutLookKey(model, rolloutId, last.index).sk;
      return { items: looks, ...(hasMore && last !== undefined ? { nextCursor: encodeCursor(next) } : {}) };
    },
  };
};
