import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStorage } from '../../../../../infra/local/dynamodb/storage.ts';

const source = (path: string): string => new URL(`../../../../../infra/local/dynamodb/${path}`, import.meta.url).href;

/** Writes pairs of items in transactions for ever and acknowledges each pair on stdout. */
const WRITER = `
import { createEngine } from '${source('engine.ts')}';
import { createTable } from '${source('operations/create-table.ts')}';
import { transactWriteItems } from '${source('operations/transact-write-items.ts')}';
import { openStorage } from '${source('storage.ts')}';
import { createMachineIds } from '${source('../ids.ts')}';
const identity = { region: 'us-east-1', accountId: '000000000000', partition: 'aws' };
const engine = createEngine({ storage: openStorage(process.argv[1]), identity, nowMs: () => 0, ids: createMachineIds() });
createTable(engine, {
  TableName: 'table',
  BillingMode: 'PAY_PER_REQUEST',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'N' }],
});
const put = (n) => ({ Put: { TableName: 'table', Item: { pk: { N: String(n) } } } });
for (let n = 1; ; n += 1) {
  transactWriteItems(engine, { TransactItems: [put(n), put(-n)] });
  const { writeSync } = await import('node:fs');
  writeSync(1, n + '\\n');
}
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-storage-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('storage', () => {
  it('keeps every acknowledged transaction, whole, when the process is killed', async () => {
    const file = join(folder, 'tables.sqlite');
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let acknowledged = 0;

    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line);
      if (acknowledged === 200) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');

    const storage = openStorage(file);
    const [table] = storage.loadTables();
    const { rowCount } = storage.rows(table?.storageId ?? '').totals();
    storage.close();
    expect(acknowledged).toBeGreaterThanOrEqual(200);
    expect(rowCount).toBeGreaterThanOrEqual(2 * acknowledged);
    expect(rowCount % 2).toBe(0);
  });

  it('undoes a transaction that throws', () => {
    const storage = openStorage(':memory:');
    const spend = () => storage.spendToken('token', { requestDigest: 'digest', expiresAtMs: 1 });

    expect(() =>
      storage.transaction(() => {
        spend();
        throw new Error('half-way');
      }),
    ).toThrow('half-way');

    expect(storage.spentToken('token', 0)).toBeUndefined();
  });

  it('finds no token whose time is over, and takes expired ones away about once a minute', () => {
    const storage = openStorage(':memory:');
    const spend = (token: string, expiresAtMs: number) =>
      storage.spendToken(token, { requestDigest: 'digest', expiresAtMs });
    spend('early', 1_000);
    storage.forgetTokens(0);

    storage.forgetTokens(2_000);
    const found = [999, 1_000].map((atMs) => storage.spentToken('early', atMs) !== undefined);
    storage.forgetTokens(60_000);

    expect(found).toEqual([true, false]);
    expect(storage.spentToken('early', 0)).toBeUndefined();
  });
});
