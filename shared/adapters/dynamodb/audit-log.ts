import { hash } from 'node:crypto';
import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AuditEntry, AuditRecord, ChainHead, linkRecord, Sha256 } from '../../core/audit/index.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import type { AuditLog, AuditReader } from '../../ports/audit-log.ts';
import type { Page } from '../../ports/model-registry.ts';
import { type Item, toAttributeValue, toItem } from './attribute-value.ts';
import { decodeHead, decodeRecord, encodeHead, encodeRecord, encodeVersionMarker } from './audit-items.ts';
import { chainPartition, HEADS_PARTITION, headKey, recordKey } from './audit-keys.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { getItem, queryPage, transact } from './table.ts';

/** The audit log: puts in the transaction of the change that they record. Nothing in it is ever updated or deleted. */

/** What writing records needs. */
export interface AuditContext {
  readonly table: string;
  /** `linkRecord` of `core/audit`. */
  readonly link: typeof linkRecord;
}

export const sha256: Sha256 = (text) => hash('sha256', text);

/** The end of a model's chain; undefined before its first record. @throws InvalidStateError when it was tampered with. */
export const readHead = async (
  client: DynamoDBClient,
  { table }: Pick<AuditContext, 'table'>,
  model: string,
): Promise<ChainHead | undefined> => {
  const item = await getItem(client, table, headKey(model));
  if (item === undefined) return undefined;
  const { head } = decodeHead(item);
  if (head !== 'malformed') return head;
  throw new InvalidStateError(`the audit log of ${model} has a head of no head's form; npm run audit tells more`);
};

/**
 * The actions that record an entry after `head`. They belong at the end of the transaction, and one of them refused
 * means that another record came first: read the head again. The record's place is free only while nobody has written
 * it, and the head moves only from where it was read: so no number is left out or given twice.
 */
export const auditActions = (
  { table, link }: AuditContext,
  head: ChainHead | undefined,
  entry: AuditEntry,
): { readonly record: AuditRecord; readonly actions: readonly TransactWriteItem[] } => {
  const record = link(head, entry, sha256);
  const { model, seq, hash: recordHash } = record;
  const isNew = 'attribute_not_exists(pk)';
  const standsAsRead = {
    ConditionExpression: '#seq = :seq AND #hash = :hash',
    ExpressionAttributeNames: { '#seq': 'seq', '#hash': 'hash' },
    ExpressionAttributeValues: {
      ':seq': toAttributeValue(head?.seq ?? 0),
      ':hash': toAttributeValue(head?.hash ?? ''),
    },
  };
  const headItem = encodeHead({ model, seq, hash: recordHash });
  return {
    record,
    actions: [
      { Put: { TableName: table, Item: encodeRecord(record), ConditionExpression: isNew } },
      {
        Put: {
          TableName: table,
          Item: headItem,
          ...(head === undefined ? { ConditionExpression: isNew } : standsAsRead),
        },
      },
      ...(record.version === undefined
        ? []
        : [{ Put: { TableName: table, Item: encodeVersionMarker(record.version, record) } }]),
    ],
  };
};

/** Reads the log as it is stored. */
export const createAuditReader = (client: DynamoDBClient, table: string): AuditReader => {
  const page = async <T>(
    { pk, limit, cursor }: { readonly pk: string; readonly limit: number; readonly cursor: string | undefined },
    decode: (item: Item) => T,
  ): Promise<Page<T>> => {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, /^/);
    const { items, hasMore } = await queryPage(client, {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': toAttributeValue(pk) },
      ConsistentRead: true,
      Limit: limit,
      ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk: after }) }),
    });
    const last = items.at(-1)?.sk?.S;
    return {
      items: items.map(decode),
      ...(hasMore && last !== undefined ? { nextCursor: encodeCursor(last) } : {}),
    };
  };

  return {
    listRecords: (model, limit, cursor) => page({ pk: chainPartition(model), limit, cursor }, decodeRecord),
    getRecord: async (model, seq) => {
      const item = await getItem(client, table, recordKey(model, seq));
      return item === undefined ? undefined : decodeRecord(item);
    },
    getHead: async (model) => {
      const item = await getItem(client, table, headKey(model));
      return item === undefined ? undefined : decodeHead(item).head;
    },
    listHeads: (limit, cursor) => page({ pk: HEADS_PARTITION, limit, cursor }, decodeHead),
  };
};

/** Writes entries that belong to no other transaction. */
export const createAuditLog = (options: {
  readonly client: DynamoDBClient;
  readonly audit: AuditContext;
  readonly pacing?: RetryPacing;
}): AuditLog => {
  const { client, audit, pacing = realPacing } = options;
  return {
    ...createAuditReader(client, audit.table),
    append: (entry, deadlineMs) =>
      retryWhileContended(
        `recording ${entry.action} of ${entry.model}`,
        deadlineMs,
        async () => {
          const { record, actions } = auditActions(audit, await readHead(client, audit, entry.model), entry);
          const { outcome } = await transact(client, actions);
          return outcome === 'written' ? record : CONTENDED;
        },
        pacing,
      ),
  };
};
