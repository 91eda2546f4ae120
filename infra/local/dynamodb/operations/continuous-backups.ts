import { AwsError } from '../../contracts.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalFlag, optionalInteger, requiredObject, requiredTableName } from '../input.ts';
import type { TableRecord } from '../table-schema.ts';

const DEFAULT_PERIOD_DAYS = 35;
const DAY_SECONDS = 24 * 60 * 60;
/** "Typically five minutes before the current time": API_PointInTimeRecoveryDescription. */
const RESTORABLE_AFTER_MS = 5 * 60 * 1_000;

/** Backups name a missing table by an error of their own. */
const backedUpTable = (engine: Engine, input: Input): TableRecord => {
  const name = requiredTableName(input);
  const table = engine.findTable(name);
  if (table === undefined) throw new AwsError('TableNotFoundException', `Table not found: ${name}`);
  return table;
};

/** What a table can be restored to; undefined without recovery. The last minutes are not there yet, as on AWS. */
export const restorableRange = (
  { recovery }: TableRecord,
  nowMs: number,
): { readonly earliestMs: number; readonly latestMs: number } | undefined => {
  if (recovery === undefined) return undefined;
  const { enabledAtMs, periodDays } = recovery;
  return {
    earliestMs: Math.max(enabledAtMs, nowMs - periodDays * DAY_SECONDS * 1_000),
    latestMs: Math.max(enabledAtMs, nowMs - RESTORABLE_AFTER_MS),
  };
};

const describe = (table: TableRecord, nowMs: number): unknown => {
  const { recovery } = table;
  const range = restorableRange(table, nowMs);
  if (recovery === undefined || range === undefined) {
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    };
  }
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: recovery.periodDays,
      EarliestRestorableDateTime: range.earliestMs / 1_000,
      LatestRestorableDateTime: range.latestMs / 1_000,
    },
  };
};

/** Enabling begins to keep the history anew; asking for what is on changes the period alone. */
export const updateContinuousBackups = (engine: Engine, input: Input): unknown => {
  acceptOnly('UpdateContinuousBackups', input, ['TableName', 'PointInTimeRecoverySpecification']);
  const { recovery, ...rest } = backedUpTable(engine, input);
  const specification = requiredObject(input, 'PointInTimeRecoverySpecification');
  const periodDays = optionalInteger(specification, 'RecoveryPeriodInDays', { min: 1, max: 35 }) ?? DEFAULT_PERIOD_DAYS;
  const enabled = optionalFlag(specification, 'PointInTimeRecoveryEnabled') ?? false;
  const record = enabled
    ? { ...rest, recovery: { enabledAtMs: recovery?.enabledAtMs ?? engine.nowMs(), periodDays } }
    : rest;
  engine.transaction(() => {
    if (!enabled) engine.storage.history.trim(rest.storageId, Number.MAX_SAFE_INTEGER);
    engine.saveTable(record);
  });
  return { ContinuousBackupsDescription: describe(record, engine.nowMs()) };
};

export const describeContinuousBackups = (engine: Engine, input: Input): unknown => {
  acceptOnly('DescribeContinuousBackups', input, ['TableName']);
  return { ContinuousBackupsDescription: describe(backedUpTable(engine, input), engine.nowMs()) };
};
