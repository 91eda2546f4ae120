import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../../infra/local/contracts.ts';
import {
  describeContinuousBackups,
  updateContinuousBackups,
} from '../../../../../../infra/local/dynamodb/operations/continuous-backups.ts';
import { deleteItem } from '../../../../../../infra/local/dynamodb/operations/delete-item.ts';
import { describeTable } from '../../../../../../infra/local/dynamodb/operations/describe-table.ts';
import { putItem } from '../../../../../../infra/local/dynamodb/operations/put-item.ts';
import { query } from '../../../../../../infra/local/dynamodb/operations/query.ts';
import { restoreTableToPointInTime } from '../../../../../../infra/local/dynamodb/operations/restore-table-to-point-in-time.ts';
import { scan } from '../../../../../../infra/local/dynamodb/operations/scan.ts';
import { memoryEngine } from '../memory-engine.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const recoverable = () => {
  const clock = { nowMs: DAY_MS };
  const engine = memoryEngine({ nowMs: () => clock.nowMs, table: { Tags: [{ Key: 'k', Value: 'v' }] } });
  const enable = () =>
    updateContinuousBackups(engine, {
      TableName: 'table',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  const put = (sk: string, n: number) =>
    putItem(engine, {
      TableName: 'table',
      Item: { pk: { S: 'p' }, sk: { S: sk }, g: { S: 'g' }, h: { N: String(n) } },
    });
  const restore = (more: object) =>
    restoreTableToPointInTime(engine, { SourceTableName: 'table', TargetTableName: 'restored', ...more });
  const rows = (TableName: string) =>
    (scan(engine, { TableName }) as { Items: Record<string, Record<string, string>>[] }).Items.map(
      ({ sk, h }) => `${sk?.S}=${h?.N}`,
    );
  return { clock, engine, enable, put, restore, rows };
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AwsError) return error.code;
    throw error;
  }
  return 'none';
};

describe('RestoreTableToPointInTime', () => {
  it('brings back every second of the table’s past, its indexes included', () => {
    const { clock, engine, enable, put, restore, rows } = recoverable();
    put('before', 1);
    enable();
    const atMs = [clock.nowMs];
    const states = [rows('table')];
    const steps = [() => put('a', 1), () => put('a', 2), () => put('b', 3), () => put('a', 4)];
    for (const step of steps) {
      clock.nowMs += 1_000;
      step();
      atMs.push(clock.nowMs);
      states.push(rows('table'));
    }
    clock.nowMs += 1_000;
    deleteItem(engine, { TableName: 'table', Key: { pk: { S: 'p' }, sk: { S: 'before' } } });
    clock.nowMs += 5 * MINUTE_MS;

    for (const [step, at] of atMs.entries()) {
      restore({ TargetTableName: `restored-${step}`, RestoreDateTime: at / 1_000 });
      expect(rows(`restored-${step}`)).toEqual(states[step]);
    }

    expect(rows('table')).toEqual(['a=4', 'b=3']);
    const indexed = query(engine, {
      TableName: 'restored-3',
      IndexName: 'gsi',
      KeyConditionExpression: 'g = :g',
      ExpressionAttributeValues: { ':g': { S: 'g' } },
    }) as { Items: unknown[] };
    expect(indexed.Items).toHaveLength(3);
  });

  it('restores the table’s own settings, not those that AWS leaves out', () => {
    const { clock, engine, enable, put, restore } = recoverable();
    enable();
    put('a', 1);
    clock.nowMs += 10 * MINUTE_MS;

    const answer = restore({
      UseLatestRestorableTime: true,
      BillingModeOverride: 'PROVISIONED',
      ProvisionedThroughputOverride: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
    });

    expect(answer).toMatchObject({
      TableDescription: {
        TableName: 'restored',
        RestoreSummary: {
          SourceTableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/table',
          RestoreDateTime: (clock.nowMs - 5 * MINUTE_MS) / 1_000,
          RestoreInProgress: true,
        },
      },
    });
    expect(describeTable(engine, { TableName: 'restored' })).toMatchObject({
      Table: { TableStatus: 'ACTIVE', ItemCount: 1, ProvisionedThroughput: { ReadCapacityUnits: 1 } },
    });
    expect(engine.table('restored')).toMatchObject({ tags: {} });
    expect(engine.table('restored').recovery).toBeUndefined();
  });

  it('keeps 35 days and no more', () => {
    const { clock, engine, enable, put, restore } = recoverable();
    enable();
    const enabledAtMs = clock.nowMs;
    for (let day = 1; day <= 40; day += 1) {
      clock.nowMs += DAY_MS;
      put('a', day);
    }

    expect(describeContinuousBackups(engine, { TableName: 'table' })).toMatchObject({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: {
          EarliestRestorableDateTime: (enabledAtMs + 5 * DAY_MS) / 1_000,
          LatestRestorableDateTime: (clock.nowMs - 5 * MINUTE_MS) / 1_000,
        },
      },
    });
    const { storageId } = engine.table('table');
    expect(engine.storage.history.since(storageId, 0)).toHaveLength(35);
    expect(codeOf(() => restore({ RestoreDateTime: (clock.nowMs - 36 * DAY_MS) / 1_000 }))).toBe(
      'InvalidRestoreTimeException',
    );
  });

  it('refuses what cannot be restored', () => {
    const { clock, enable, restore } = recoverable();

    expect(codeOf(() => restore({ UseLatestRestorableTime: true }))).toBe('PointInTimeRecoveryUnavailableException');
    enable();
    expect(codeOf(() => restore({ SourceTableName: 'none', UseLatestRestorableTime: true }))).toBe(
      'TableNotFoundException',
    );
    expect(codeOf(() => restore({ RestoreDateTime: clock.nowMs / 1_000 + 1 }))).toBe('InvalidRestoreTimeException');
    expect(codeOf(() => restore({}))).toBe('ValidationException');
    expect(codeOf(() => restore({ TargetTableName: 'table', UseLatestRestorableTime: true }))).toBe(
      'TableAlreadyExistsException',
    );
  });
});
