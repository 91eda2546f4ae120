import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';

/** Writes through SDK clients, and what came of them. A write's content follows from its number. */

const TABLE = 'storm';
const BUCKET = 'storm';
const COUNTER = 'counter';
const LARGEST_BYTES = 60_000;

/** Every number of a storm is a write of one kind. */
const KINDS = ['item', 'pair', 'count', 'object'] as const;
type Kind = (typeof KINDS)[number];

export interface Acknowledged {
  readonly kind: Kind;
  readonly number: number;
}

export interface StormHost {
  /** For any SDK v3 client, with the SDK's own number of tries. */
  readonly clientConfig: object;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** The bytes that belong to a number: their hash is their seed's. */
export const bytesOf = (number: number): Buffer => {
  const seed = createHash('sha256').update(`bytes of ${number}`).digest();
  const length = seed.readUInt32BE(0) % LARGEST_BYTES;
  return Buffer.alloc(length, seed);
};

export const startStormHost = async (folder: string): Promise<StormHost> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'storm-host.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exited.then(() => Promise.reject(new Error('the host ended before it answered'))),
  ]);
  const { maxAttempts: _, ...clientConfig } = JSON.parse(String(line)) as { readonly maxAttempts: number };
  const config = { ...clientConfig, maxAttempts: 1 };
  const [dynamodb, s3] = [new DynamoDBClient(config), new S3Client({ ...config, forcePathStyle: true })];
  return {
    clientConfig,
    dynamodb,
    s3,
    async kill() {
      child.kill('SIGKILL');
      await exited;
      dynamodb.destroy();
      s3.destroy();
    },
  };
};

export const createStormTables = async ({ dynamodb, s3 }: StormHost): Promise<void> => {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'kind', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-kind',
          KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
};

/** The item of a number; the index spreads over keys, since one of them takes 1,000 writes a second only. */
const itemOf = (number: number, name = String(number)) => ({
  pk: { S: name },
  kind: { S: `kind-${number % 50}` },
  data: { B: bytesOf(number).subarray(0, 2_000) },
});

const WRITES: Readonly<Record<Kind, (host: StormHost, number: number) => Promise<unknown>>> = {
  item: ({ dynamodb }, number) => dynamodb.send(new PutItemCommand({ TableName: TABLE, Item: itemOf(number) })),
  pair: ({ dynamodb }, number) => {
    const put = (side: string) => ({ Put: { TableName: TABLE, Item: itemOf(number, `${number}-${side}`) } });
    return dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [put('left'), put('right')] }));
  },
  count: ({ dynamodb }) =>
    dynamodb.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { pk: { S: COUNTER } },
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    ),
  object: ({ s3 }, number) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `o/${number}`, Body: bytesOf(number) })),
};

export interface Storm {
  /** Resolves when so many writes were acknowledged that a kill finds something to lose. */
  readonly raging: Promise<void>;
  /** Resolves when the host is dead. */
  readonly over: Promise<{
    readonly acknowledged: readonly Acknowledged[];
    readonly begun: readonly Acknowledged[];
    readonly nextNumber: number;
  }>;
}

const RAGING_WRITES = 20;

/** Writes from many sides at once until the host dies. */
export const storm = (host: StormHost, firstNumber: number, writerCount: number): Storm => {
  const acknowledged: Acknowledged[] = [];
  const begun: Acknowledged[] = [];
  const { promise: raging, resolve: startRaging } = Promise.withResolvers<void>();
  let next = firstNumber;
  const writer = async (): Promise<void> => {
    for (;;) {
      const number = next;
      next += 1;
      const write = { kind: KINDS[number % KINDS.length] ?? 'item', number };
      begun.push(write);
      try {
        await WRITES[write.kind](host, number);
      } catch {
        startRaging();
        return;
      }
      acknowledged.push(write);
      if (acknowledged.length >= RAGING_WRITES) startRaging();
    }
  };
  const writers = Promise.all(Array.from({ length: writerCount }, writer));
  return { raging, over: writers.then(() => ({ acknowledged, begun, nextNumber: next })) };
};

export interface Found {
  /** Names of items, the counter left out. */
  readonly items: ReadonlySet<string>;
  readonly indexed: ReadonlySet<string>;
  readonly objects: ReadonlySet<string>;
  readonly count: number;
  /** Items and objects whose content is not their number's. */
  readonly damaged: readonly string[];
}

const scanAll = async (dynamodb: DynamoDBClient, IndexName?: string) => {
  const items: Record<string, AttributeValue>[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await dynamodb.send(
      new ScanCommand({
        TableName: TABLE,
        ...(IndexName ? { IndexName } : {}),
        ...(start ? { ExclusiveStartKey: start } : {}),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
};

const NO_BYTES = Buffer.alloc(0);

/** Names of all objects, and of those whose bytes are not their number's. */
const readObjects = async (s3: S3Client, known: ReadonlySet<string>) => {
  const objects = new Set<string>();
  const damaged: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: BUCKET })) {
    for (const { Key = '' } of page.Contents ?? []) {
      objects.add(Key);
      if (known.has(Key)) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      const bytes = await Body?.transformToByteArray();
      if (!bytesOf(Number(Key.slice(2))).equals(bytes ?? NO_BYTES)) damaged.push(`object ${Key}`);
    }
  }
  return { objects, damaged };
};

type StoredItem = Awaited<ReturnType<typeof scanAll>>[number];

const isWhole = ({ pk, data }: StoredItem): boolean =>
  bytesOf(Number.parseInt(pk?.S ?? '', 10))
    .subarray(0, 2_000)
    .equals(data?.B ?? NO_BYTES);

const namesOf = (items: readonly StoredItem[]): ReadonlySet<string> => new Set(items.map(({ pk }) => pk?.S ?? ''));

/** Reads everything that lies there. @param known objects whose bytes were compared before: they must be there still */
export const readAll = async ({ dynamodb, s3 }: StormHost, known: ReadonlySet<string> = new Set()): Promise<Found> => {
  const items = await scanAll(dynamodb);
  const counter = items.find(({ pk }) => pk?.S === COUNTER);
  const stored = items.filter((item) => item !== counter);
  const { objects, damaged } = await readObjects(s3, known);
  return {
    items: namesOf(stored),
    indexed: namesOf(await scanAll(dynamodb, 'by-kind')),
    objects,
    count: Number(counter?.n?.N ?? 0),
    damaged: [...stored.filter((item) => !isWhole(item)).map(({ pk }) => `item ${pk?.S}`), ...damaged],
  };
};

/** Names that a write leaves behind when it has happened. */
export const tracesOf = ({ kind, number }: Acknowledged): readonly string[] => {
  if (kind === 'pair') return [`${number}-left`, `${number}-right`];
  if (kind === 'object') return [`o/${number}`];
  return kind === 'item' ? [String(number)] : [];
};
