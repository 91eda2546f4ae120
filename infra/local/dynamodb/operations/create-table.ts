import { describeRecord } from '../describe-table.ts';
import type { Engine } from '../engine.ts';
import { resourceInUse } from '../errors.ts';
import { acceptOnly, type Input } from '../input.ts';
import { newStreamLabel } from '../streams/new-stream-label.ts';
import { readTableDefinition } from '../table-definition.ts';

const ACCEPTED = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'LocalSecondaryIndexes',
  'GlobalSecondaryIndexes',
  'BillingMode',
  'ProvisionedThroughput',
  'StreamSpecification',
  'SSESpecification',
  'Tags',
  'TableClass',
  'DeletionProtectionEnabled',
];

export const createTable = (engine: Engine, input: Input): unknown => {
  acceptOnly('CreateTable', input, ACCEPTED);
  const record = readTableDefinition(input, {
    identity: engine.identity,
    ids: engine.ids,
    nowMs: engine.nowMs(),
    newLabel: (tableName) => newStreamLabel(engine, tableName),
  });
  if (engine.findTable(record.name) !== undefined) throw resourceInUse(`Table already exists: ${record.name}`);
  engine.transaction(() => {
    for (const { storageId } of [record, ...record.indexes]) engine.storage.createRows(storageId);
    engine.saveTable(record);
  });
  return { TableDescription: describeRecord(engine, record, 'CREATING') };
};
