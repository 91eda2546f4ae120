import {
  type AttributeValue,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  PutItemCommand,
  RestoreTableToPointInTimeCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { LimitExceededError, UnavailableError } from '../../shared/kernel/errors.ts';

/** Bringing a table back to what it held at an instant, in place: whatever names the table goes on naming it. */

type Item = Record<string, AttributeValue>;

export interface TableRestoreOptions {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly atMs: number;
  /** Write the items back; otherwise only say what would change. */
  readonly apply: boolean;
  /** Waits between two looks at the restored table. */
  readonly pause: (ms: number) => Promise<void>;
}

export interface TableRestore {
  readonly table: string;
  /** Items that were otherwise or not there, and items that came later. */
  readonly written: number;
  readonly deleted: number;
  readonly unchanged: number;
}

const MOST_ITEMS = 500_000;
const LOOK_EVERY_MS = 10_000;
const MOST_LOOKS = 720;

const keyOf = ({ pk, sk }: Item): string => JSON.stringify([pk, sk]);
const inOrder = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? Object.fromEntries(
        Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, inOrder(inner)]),
      )
    : value;
const textOf = (item: Item): string => JSON.stringify(inOrder(item));

const scanAll = async (client: DynamoDBClient, TableName: string): Promise<ReadonlyMap<string, Item>> => {
  const items = new Map<string, Item>();
  let start: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName,
        ConsistentRead: true,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const item of page.Items ?? []) items.set(keyOf(item), item);
    if (items.size > MOST_ITEMS) throw new LimitExceededError(`${TableName} holds more than ${MOST_ITEMS} items`);
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
};

const untilActive = async ({ client, pause }: TableRestoreOptions, TableName: string): Promise<void> => {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    await pause(LOOK_EVERY_MS);
  }
  throw new UnavailableError(`${TableName} was not restored within ${(MOST_LOOKS * LOOK_EVERY_MS) / 60_000} minutes`);
};

const writeBack = async (
  { client, table: TableName, apply }: TableRestoreOptions,
  then: ReadonlyMap<string, Item>,
  now: ReadonlyMap<string, Item>,
): Promise<Omit<TableRestore, 'table'>> => {
  let [written, unchanged] = [0, 0];
  for (const [key, item] of then) {
    const standing = now.get(key);
    if (standing !== undefined && textOf(standing) === textOf(item)) {
      unchanged += 1;
      continue;
    }
    if (apply) await client.send(new PutItemCommand({ TableName, Item: item }));
    written += 1;
  }
  const later = [...now].filter(([key]) => !then.has(key));
  for (const [, { pk, sk }] of later) {
    if (apply) await client.send(new DeleteItemCommand({ TableName, Key: { pk, sk } as Item }));
  }
  return { written, deleted: later.length, unchanged };
};

/**
 * Restores the table beside itself, writes back what differs, and deletes the copy. Nobody should write meanwhile.
 * @throws what DynamoDB refuses, such as an instant out of the range of its recovery.
 */
export const restoreTable = async (options: TableRestoreOptions): Promise<TableRestore> => {
  const { client, table, atMs } = options;
  const copy = `${table}-at-${new Date(atMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')}`.slice(-255);
  await client.send(
    new RestoreTableToPointInTimeCommand({
      SourceTableName: table,
      TargetTableName: copy,
      RestoreDateTime: new Date(atMs),
    }),
  );
  try {
    await untilActive(options, copy);
    return { table, ...(await writeBack(options, await scanAll(client, copy), await scanAll(client, table))) };
  } finally {
    await client.send(new DeleteTableCommand({ TableName: copy }));
  }
};
