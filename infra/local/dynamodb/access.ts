import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, objectsOf, textOf } from '../iam/guard.ts';
import { keyNeeds } from '../iam/key-needs.ts';
import type { TableRecord } from './table-schema.ts';

/**
 * What each operation needs. Transactions need the permission of every item's operation.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */

export interface AccessTables {
  readonly identity: CloudIdentity;
  findTable(name: string): TableRecord | undefined;
}

type Use = 'read' | 'write';

/**
 * The table's key. AWS documents what a principal needs as one set (Encrypt, Decrypt, GenerateDataKey and what only
 * the creation of a table uses) and not by operation: a reader is asked for Decrypt, a writer for the set.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const KEY_ACTIONS = {
  read: ['Decrypt'],
  write: ['Decrypt', 'Encrypt', 'GenerateDataKey'],
} as const;

const isText = (value: unknown): value is string => typeof value === 'string';

/** The partition keys that a request names, where it names whole keys: `dynamodb:LeadingKeys`. */
const leadingKeys = (table: TableRecord | undefined, items: readonly unknown[]): readonly string[] => {
  const name = table?.keys.partition.name;
  if (name === undefined) return [];
  return items.flatMap((item) => {
    const value = (item as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | undefined)?.[name];
    return Object.values(value ?? {}).filter(isText);
  });
};

const asObject = (value: unknown): Input => (typeof value === 'object' && value !== null ? (value as Input) : {});

interface Needs {
  readonly onTable: (action: string, given: string, suffix?: string) => Need;
  /** The action on items of the table, and the table's key. */
  readonly onItems: (action: string, given: string, use: Use, items: readonly unknown[]) => readonly Need[];
  readonly useOfKey: (given: string, use: Use) => readonly Need[];
}

const createNeeds = ({ identity, findTable }: AccessTables): Needs => {
  const { region, accountId, partition } = identity;
  const tableOf = (given: string): string => (given.startsWith('arn:') ? (given.split('/')[1] ?? '') : given);
  const onTable: Needs['onTable'] = (action, given, suffix = '') => ({
    action: `dynamodb:${action}`,
    resource: `arn:${partition}:dynamodb:${region}:${accountId}:table/${tableOf(given)}${suffix}`,
  });
  const useOfKey: Needs['useOfKey'] = (given, use) => {
    const keyArn = findTable(tableOf(given))?.encryption?.kmsKeyArn;
    return keyNeeds(identity, { keyArn, actions: KEY_ACTIONS[use], via: 'dynamodb' });
  };
  return {
    onTable,
    useOfKey,
    onItems: (action, given, use, items) => {
      const keys = leadingKeys(findTable(tableOf(given)), items);
      const conditions = keys.length === 0 ? {} : { conditions: { 'dynamodb:LeadingKeys': keys } };
      return [{ ...onTable(action, given), ...conditions }, ...useOfKey(given, use)];
    },
  };
};

/** Members of a transaction's item and the action that each needs. */
const TRANSACTED = {
  ConditionCheck: 'ConditionCheckItem',
  Delete: 'DeleteItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
} as const;

const writtenKeys = (request: unknown): readonly unknown[] =>
  (Array.isArray(request) ? request : []).map((one: unknown) => {
    const { PutRequest, DeleteRequest } = asObject(one);
    return asObject(PutRequest).Item ?? asObject(DeleteRequest).Key;
  });

/** Of the same need again, as a hundred items of one table have it, the first. */
const eachOnce = (needs: readonly Need[]): readonly Need[] => {
  const seen = new Set<string>();
  return needs.filter((need) => {
    const text = `${need.action}\n${need.resource}\n${need.conditions === undefined ? '' : JSON.stringify(need.conditions)}`;
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
};

const itemRules = ({ onTable, onItems, useOfKey }: Needs): AccessRules => {
  const byKey =
    (action: string, use: Use, member: 'Key' | 'Item') =>
    (input: Input): readonly Need[] =>
      onItems(action, textOf(input, 'TableName'), use, [input[member]]);
  const search =
    (action: string) =>
    (input: Input): readonly Need[] => {
      const index = textOf(input, 'IndexName');
      const name = textOf(input, 'TableName');
      return [onTable(action, name, index === '' ? '' : `/index/${index}`), ...useOfKey(name, 'read')];
    };
  const batch =
    (action: string, use: Use, keysOf: (request: unknown) => readonly unknown[]) =>
    (input: Input): readonly Need[] =>
      Object.entries(asObject(input.RequestItems)).flatMap(([name, request]) =>
        onItems(action, name, use, keysOf(request)),
      );
  return {
    BatchGetItem: batch('BatchGetItem', 'read', (request) => objectsOf(asObject(request), 'Keys')),
    BatchWriteItem: batch('BatchWriteItem', 'write', writtenKeys),
    DeleteItem: byKey('DeleteItem', 'write', 'Key'),
    GetItem: byKey('GetItem', 'read', 'Key'),
    PutItem: byKey('PutItem', 'write', 'Item'),
    Query: search('Query'),
    Scan: search('Scan'),
    TransactGetItems: (input) =>
      eachOnce(
        objectsOf(input, 'TransactItems').flatMap((item) => {
          const one = asObject(item.Get);
          return onItems('GetItem', textOf(one, 'TableName'), 'read', [one.Key]);
        }),
      ),
    TransactWriteItems: (input) =>
      eachOnce(
        objectsOf(input, 'TransactItems').flatMap((item) =>
          Object.entries(TRANSACTED).flatMap(([member, action]) => {
            if (item[member] === undefined) return [];
            const one = asObject(item[member]);
            return onItems(action, textOf(one, 'TableName'), 'write', [one.Key ?? one.Item]);
          }),
        ),
      ),
    UpdateItem: byKey('UpdateItem', 'write', 'Key'),
  };
};

const TABLE_ACTIONS = [
  'CreateTable',
  'DeleteTable',
  'DescribeContinuousBackups',
  'DescribeTable',
  'DescribeTimeToLive',
  'UpdateContinuousBackups',
  'UpdateTable',
  'UpdateTimeToLive',
];
const TAG_ACTIONS = ['ListTagsOfResource', 'TagResource', 'UntagResource'];

const tableRules = ({ onTable }: Needs): AccessRules => {
  const by = (member: string) => (action: string) =>
    [action, (input: Input): readonly Need[] => [onTable(action, textOf(input, member))]] as const;
  const stream =
    (action: string) =>
    (input: Input): readonly Need[] => [{ action: `dynamodb:${action}`, resource: textOf(input, 'StreamArn') || '*' }];
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `dynamodb:${action}`, resource: '*' }];
  return {
    ...Object.fromEntries([...TABLE_ACTIONS.map(by('TableName')), ...TAG_ACTIONS.map(by('ResourceArn'))]),
    DescribeStream: stream('DescribeStream'),
    // An iterator names its shard in a way that only the stream's service reads.
    GetRecords: () => [onTable('GetRecords', '*', '/stream/*')],
    GetShardIterator: stream('GetShardIterator'),
    ListStreams: everywhere('ListStreams'),
    ListTables: everywhere('ListTables'),
    RestoreTableToPointInTime: (input) => [
      onTable('RestoreTableToPointInTime', textOf(input, 'SourceTableArn') || textOf(input, 'SourceTableName')),
      onTable('RestoreTableToPointInTime', textOf(input, 'TargetTableName')),
    ],
  };
};

export const dynamoDbAccess = (tables: AccessTables): AccessRules => {
  const needs = createNeeds(tables);
  return { ...itemRules(needs), ...tableRules(needs) };
};
