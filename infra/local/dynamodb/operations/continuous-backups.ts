import { AwsError } from '../../contracts.ts';
import type { Engine } from '../engine.ts';
import { acceptOnly, type Input, optionalFlag, optionalInteger, requiredObject, requiredTableName } from '../input.ts';
import type { TableRecord } from '../table-schema.ts';

const DEFAULT_PERIOD_DAYS = 35;
const DAY_SECONDS = 24 * 60 * 60;

/** Backups name a missing table by an error of their own. */
const backedUpTable = (engine: Engine, input: Input): TableRecord => {
  const name = requiredTableName(input);
  const table = engine.findTable(name);
  if (table === undefined) throw new AwsError('TableNotFoundException', `Table not found: ${name}`);
  return table;
};

const describe = (table: TableRecord, nowMs: number): unknown => {
  const { recovery } = table;
  if (recovery === undefined) {
    return {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    };
  }
  const nowSeconds = nowMs / 1_000;
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: 'ENABLED',
      RecoveryPeriodInDays: recovery.periodDays,
      EarliestRestorableDateTime: Math.max(
        recovery.enabledAtMs / 1_000,
        nowSeconds - recovery.periodDays * DAY_SECONDS,
      ),
      LatestRestorableDateTime: nowSeconds,
    },
  };
};

/** The setting is kept and told; restoring is an operation of its own, which is refused by name. */
export const updateContinuousBackups = (engine: Engine, input: Input): unknown => {
  acceptOnly('UpdateContinuousBackups', input, ['TableName', 'PointInTimeRecoverySpecification']);
  const { recovery: _, ...rest } = backedUpTable(engine, input);
  const specification = requiredObject(input, 'PointInTimeRecoverySpecification');
  const periodDays = optionalInteger(specification, 'RecoveryPeriodInDays', { min: 1, max: 35 }) ?? DEFAULT_PERIOD_DAYS;
  const enabled = optionalFlag(specification, 'PointInTimeRecoveryEnabled') ?? false;
  const record = enabled ? { ...rest, recovery: { enabledAtMs: engine.nowMs(), periodDays } } : rest;
  engine.transaction(() => engine.saveTable(record));
  return { ContinuousBackupsDescription: describe(record, engine.nowMs()) };
};

export const describeContinuousBackups = (engine: Engine, input: Input): unknown => {
  acceptOnly('DescribeContinuousBackups', input, ['TableName']);
  return { ContinuousBackupsDescription: describe(backedUpTable(engine, input), engine.nowMs()) };
};
