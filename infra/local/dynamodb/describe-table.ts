import type { CloudIdentity } from '../contracts.ts';
import type { Engine } from './engine.ts';
import {
  type IndexRecord,
  isLocal,
  type KeySchema,
  keyAttributes,
  type Projection,
  type TableRecord,
  type Throughput,
} from './table-schema.ts';

export const tableArn = ({ partition, region, accountId }: CloudIdentity, name: string): string =>
  `arn:${partition}:dynamodb:${region}:${accountId}:table/${name}`;

export const streamArn = (
  identity: CloudIdentity,
  table: { readonly name: string; readonly stream?: { readonly label: string } },
): string | undefined => table.stream && `${tableArn(identity, table.name)}/stream/${table.stream.label}`;

export const describeKeys = (keys: KeySchema): unknown =>
  keyAttributes(keys).map(({ name }) => ({
    AttributeName: name,
    KeyType: name === keys.partition.name ? 'HASH' : 'RANGE',
  }));

const describeThroughput = (throughput: Throughput | undefined): unknown => ({
  NumberOfDecreasesToday: 0,
  ReadCapacityUnits: throughput?.readUnits ?? 0,
  WriteCapacityUnits: throughput?.writeUnits ?? 0,
});

const describeProjection = ({ type, nonKeyAttributes }: Projection): unknown => ({
  ProjectionType: type,
  ...(type === 'INCLUDE' ? { NonKeyAttributes: nonKeyAttributes } : {}),
});

const describeIndex = (engine: Engine, table: TableRecord, index: IndexRecord, status: string): object => {
  const { rowCount, bytes } = engine.storage.rows(index.storageId).totals();
  return {
    IndexName: index.name,
    KeySchema: describeKeys(index.keys),
    Projection: describeProjection(index.projection),
    ...(index.scope === 'local'
      ? {}
      : { IndexStatus: status, ProvisionedThroughput: describeThroughput(index.throughput) }),
    IndexSizeBytes: bytes,
    ItemCount: rowCount,
    IndexArn: `${tableArn(engine.identity, table.name)}/index/${index.name}`,
  };
};

const describeIndexes = (engine: Engine, table: TableRecord, status: string): object => {
  const listed = (name: string, indexes: readonly IndexRecord[]) =>
    indexes.length > 0 ? { [name]: indexes.map((index) => describeIndex(engine, table, index, status)) } : {};
  return {
    ...listed('LocalSecondaryIndexes', table.indexes.filter(isLocal)),
    ...listed(
      'GlobalSecondaryIndexes',
      table.indexes.filter((index) => !isLocal(index)),
    ),
  };
};

const describeAttributes = (table: TableRecord): unknown => {
  const types = new Map(
    [table, ...table.indexes].flatMap(({ keys }) => keyAttributes(keys)).map((a) => [a.name, a.type]),
  );
  return [...types].map(([name, type]) => ({ AttributeName: name, AttributeType: type }));
};

const describeBilling = (table: TableRecord): unknown =>
  table.billingMode === 'PAY_PER_REQUEST'
    ? {
        BillingModeSummary: {
          BillingMode: 'PAY_PER_REQUEST',
          LastUpdateToPayPerRequestDateTime: table.createdAtMs / 1_000,
        },
      }
    : {};

const describeStream = (identity: CloudIdentity, table: TableRecord): unknown =>
  table.stream
    ? {
        StreamSpecification: { StreamEnabled: true, StreamViewType: table.stream.viewType },
        LatestStreamLabel: table.stream.label,
        LatestStreamArn: streamArn(identity, table),
      }
    : {};

type Status = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

/** A table that is going: its keys are told of no more. */
export const describeDeleted = (engine: Engine, table: TableRecord): unknown => {
  const { rowCount, bytes } = engine.storage.rows(table.storageId).totals();
  return {
    TableName: table.name,
    TableStatus: 'DELETING',
    ProvisionedThroughput: describeThroughput(table.throughput),
    TableSizeBytes: bytes,
    ItemCount: rowCount,
    TableArn: tableArn(engine.identity, table.name),
    TableId: table.tableId,
    ...(describeBilling(table) as object),
    DeletionProtectionEnabled: table.deletionProtected,
  };
};

/** A table as DescribeTable answers it. Counts are exact and of now, where AWS's are six hours old. */
export const describeRecord = (engine: Engine, table: TableRecord, status: Status = 'ACTIVE'): unknown => {
  const { rowCount, bytes } = engine.storage.rows(table.storageId).totals();
  return {
    AttributeDefinitions: describeAttributes(table),
    TableName: table.name,
    KeySchema: describeKeys(table.keys),
    TableStatus: status,
    CreationDateTime: table.createdAtMs / 1_000,
    ProvisionedThroughput: describeThroughput(table.throughput),
    TableSizeBytes: bytes,
    ItemCount: rowCount,
    TableArn: tableArn(engine.identity, table.name),
    TableId: table.tableId,
    ...(describeBilling(table) as object),
    ...describeIndexes(engine, table, status === 'CREATING' ? 'CREATING' : 'ACTIVE'),
    ...(describeStream(engine.identity, table) as object),
    ...(table.encryption
      ? { SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.encryption.kmsKeyArn } }
      : {}),
    ...(table.tableClass ? { TableClassSummary: { TableClass: table.tableClass } } : {}),
    DeletionProtectionEnabled: table.deletionProtected,
  };
};
