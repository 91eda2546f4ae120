import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { createEngine, type Engine } from '../../infra/local/dynamodb/engine.ts';
import { createTable } from '../../infra/local/dynamodb/operations/create-table.ts';
import { putItem } from '../../infra/local/dynamodb/operations/put-item.ts';
import { openStorage } from '../../infra/local/dynamodb/storage.ts';
import { createMachineIds } from '../../infra/local/ids.ts';
import { type BenchRow, secondsOf } from './bench-row.ts';

/** What the rows about tables share: one item of some 200 bytes over 20,000 keys. */

const KEYS = 20_000;
const DEFINITION = {
  TableName: 'bench',
  BillingMode: 'PAY_PER_REQUEST' as const,
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
};

export const benchKey = (n: number) => ({ pk: { S: `run#${n % KEYS}` } });
const benchItem = (n: number) => ({
  ...benchKey(n),
  status: { S: 'FINISHED' },
  startedAtMs: { N: String(978_307_200_000 + n) },
  params: { M: { rounds: { N: '200' }, rate: { N: '0.1' }, note: { S: 'x'.repeat(80) } } },
  ready: { BOOL: true },
});

const withFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A file that goes away with the process. */
export const benchFile = (): string => join(withFolder(), 'tables.sqlite');

/** An engine as the cloud has it, metered by the machine's clock, with the bench's table. */
export const benchEngine = (file: string): Engine => {
  const identity = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' } as const;
  const engine = createEngine({ storage: openStorage(file), identity, nowMs: Date.now, ids: createMachineIds() });
  createTable(engine, DEFINITION);
  return engine;
};

/** Writes a second: each call is one PutItem with all that it checks, and its own commit. */
export const enginePuts = (engine: Engine, count: number): number =>
  count /
  secondsOf(() => {
    for (let n = 0; n < count; n += 1) putItem(engine, { TableName: 'bench', Item: benchItem(n) });
  });

/** What SQLite alone does a second with such rows: the same file settings and one commit a row, and no rule of DynamoDB. */
export const openBareTable = (file: string) => {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000');
  database.exec('CREATE TABLE bare (pk TEXT PRIMARY KEY, item TEXT NOT NULL) WITHOUT ROWID');
  const upsert = database.prepare('INSERT OR REPLACE INTO bare VALUES (?, ?)');
  const select = database.prepare('SELECT item FROM bare WHERE pk = ?');
  const item = JSON.stringify(benchItem(0));
  return {
    puts: (count: number): number =>
      count /
      secondsOf(() => {
        for (let n = 0; n < count; n += 1) upsert.run(benchKey(n).pk.S, item);
      }),
    gets: (count: number): number =>
      count /
      secondsOf(() => {
        for (let n = 0; n < count; n += 1) JSON.parse(String(select.get(benchKey(n).pk.S)?.item));
      }),
  };
};

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const HOST = join(import.meta.dirname, '../helpers/storm-host.ts');
const DYNALITE = join(import.meta.dirname, '../../node_modules/dynalite/cli.js');

const firstLine = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error('the child has no standard output');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the child ended with ${code} before it said where it listens`);
  });
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  ended.catch(() => undefined);
  return String(line);
};

const launch = (program: string, ...parameters: readonly string[]): ChildProcess => {
  const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  child.unref();
  return child;
};

/** Our tables in a process of their own, on disk. */
const launchCloud = async (): Promise<string> => {
  const config = JSON.parse(await firstLine(launch(HOST, withFolder()))) as { readonly endpoint: string };
  return config.endpoint;
};

const freePort = async (): Promise<number> => {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

/** dynalite in a process of its own, in memory, its faster way. */
const launchDynalite = async (): Promise<string> => {
  const port = await freePort();
  await firstLine(launch(DYNALITE, '--host', '127.0.0.1', '--port', String(port), '--createTableMs', '0'));
  return `http://127.0.0.1:${port}`;
};

const IN_FLIGHT = 32;

/** Runs so many calls, some at once, as a busy client would. @returns calls a second */
const callsPerSecond = async (count: number, call: (n: number) => Promise<unknown>): Promise<number> => {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await call(next);
    }
  };
  const startMs = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return count / ((performance.now() - startMs) / 1_000);
};

/** The bench's table behind an endpoint, through an SDK client. */
const openTable = async (endpoint: string) => {
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  await client.send(new CreateTableCommand(DEFINITION));
  for (let active = false; !active; ) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'bench' }));
    active = Table?.TableStatus === 'ACTIVE';
  }
  const put = (n: number) => client.send(new PutItemCommand({ TableName: 'bench', Item: benchItem(n) }));
  const get = (n: number) => client.send(new GetItemCommand({ TableName: 'bench', Key: benchKey(n) }));
  return {
    puts: (count: number) => callsPerSecond(count, put),
    gets: (count: number) => callsPerSecond(count, get),
  };
};

const SDK_CALLS = 1_500;

/** A row of calls by the SDK over loopback: ours on disk, dynalite in memory. */
export const sdkRow = (what: 'gets' | 'puts'): BenchRow => ({
  name: `twin/dynamodb-sdk-${what}`,
  unit: `${what}/s`,
  betterIs: 'higher',
  baselineName: 'dynalite 4 in memory, the same calls by the same SDK client; ours are on disk',
  async prepare() {
    const cloud = await openTable(await launchCloud());
    const dynalite = await openTable(await launchDynalite());
    await cloud.puts(SDK_CALLS);
    await dynalite.puts(SDK_CALLS);
    return { value: () => cloud[what](SDK_CALLS), baseline: () => dynalite[what](SDK_CALLS) };
  },
});
