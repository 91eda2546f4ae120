import { AwsError } from '../../contracts.ts';
import { describeRecord, tableArn } from '../describe-table.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { fillIndex, restoreRows } from '../fill-index.ts';
import { rowsAsTheyWere } from '../former-rows.ts';
import { acceptOnly, type Input, optionalChoice, optionalFlag, optionalText, requiredTableName } from '../input.ts';
import { readEncryption, readThroughput, requireThroughput } from '../table-definition.ts';
import type { TableRecord } from '../table-schema.ts';
import { restorableRange } from './continuous-backups.ts';

const sourceOf = (engine: Engine, input: Input): TableRecord => {
  const byArn = optionalText(input, 'SourceTableArn') !== undefined;
  const name = requiredTableName(input, byArn ? 'SourceTableArn' : 'SourceTableName');
  const table = engine.findTable(name);
  if (table === undefined) throw new AwsError('TableNotFoundException', `Table not found: ${name}`);
  return table;
};

const restoreTimeMs = (source: TableRecord, input: Input, nowMs: number): number => {
  const range = restorableRange(source, nowMs);
  if (range === undefined) {
    throw new AwsError(
      'PointInTimeRecoveryUnavailableException',
      `Point in time recovery is not enabled for table '${source.name}'`,
    );
  }
  const latest = optionalFlag(input, 'UseLatestRestorableTime') ?? false;
  const given = input.RestoreDateTime ?? undefined;
  if (latest === (given !== undefined)) {
    throw validationError('Exactly one of UseLatestRestorableTime and RestoreDateTime must be specified');
  }
  if (latest) return range.latestMs;
  if (typeof given !== 'number') throw validationError('RestoreDateTime must be a number of epoch seconds');
  const atMs = given * 1_000;
  if (atMs < range.earliestMs || atMs > range.latestMs) {
    const [from, to] = [range.earliestMs, range.latestMs].map((ms) => new Date(ms).toISOString());
    throw new AwsError(
      'InvalidRestoreTimeException',
      `The RestoreDateTime must be between EarliestRestorableDateTime ${from} and LatestRestorableDateTime ${to}`,
    );
  }
  return atMs;
};

/** The new table's record: settings of now; streams, TTL, recovery, tags and protection are not restored, as on AWS. */
const restoredRecord = (engine: Engine, source: TableRecord, input: Input): TableRecord => {
  const { stream: _s, ttlAttribute: _t, recovery: _r, encryption, throughput, ...settings } = source;
  const mode = optionalChoice(input, 'BillingModeOverride', ['PROVISIONED', 'PAY_PER_REQUEST'] as const);
  const given = readThroughput({ ProvisionedThroughput: input.ProvisionedThroughputOverride });
  const billingMode = mode ?? source.billingMode;
  const units = given ?? (billingMode === source.billingMode ? throughput : undefined);
  requireThroughput(billingMode, [units]);
  const overridden = input.SSESpecificationOverride != null;
  const encrypted = overridden
    ? readEncryption({ SSESpecification: input.SSESpecificationOverride }, engine.identity)
    : encryption;
  const now = engine.nowMs();
  return {
    ...settings,
    name: requiredTableName(input, 'TargetTableName'),
    storageId: engine.ids.uuid(),
    tableId: engine.ids.uuid(),
    createdAtMs: now,
    indexes: source.indexes.map((index) => ({ ...index, storageId: engine.ids.uuid() })),
    billingMode,
    deletionProtected: false,
    tags: {},
    ...(units ? { throughput: units } : {}),
    ...(encrypted ? { encryption: encrypted } : {}),
  };
};

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html; whole at once. */
export const restoreTableToPointInTime = (engine: Engine, input: Input): unknown => {
  acceptOnly('RestoreTableToPointInTime', input, [
    'SourceTableName',
    'SourceTableArn',
    'TargetTableName',
    'UseLatestRestorableTime',
    'RestoreDateTime',
    'BillingModeOverride',
    'ProvisionedThroughputOverride',
    'SSESpecificationOverride',
  ]);
  const source = sourceOf(engine, input);
  const record = restoredRecord(engine, source, input);
  const atMs = restoreTimeMs(source, input, engine.nowMs());
  if (engine.findTable(record.name) !== undefined) {
    throw new AwsError('TableAlreadyExistsException', `Table already exists: ${record.name}`);
  }
  engine.transaction(() => {
    const { storage } = engine;
    const former = storage.history.since(source.storageId, atMs);
    restoreRows(engine, record, rowsAsTheyWere(storage.rows(source.storageId), former));
    for (const index of record.indexes) fillIndex(engine, record, index);
    engine.saveTable(record);
  });
  return {
    TableDescription: {
      ...(describeRecord(engine, record, 'CREATING') as object),
      RestoreSummary: {
        SourceTableArn: tableArn(engine.identity, source.name),
        RestoreDateTime: atMs / 1_000,
        RestoreInProgress: true,
      },
    },
  };
};
