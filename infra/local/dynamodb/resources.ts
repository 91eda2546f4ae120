import { isDeepStrictEqual } from 'node:util';
import { AwsError, type ProvisionedResource, type ResourceContext, type ResourceProvider } from '../contracts.ts';
import { streamArn, tableArn } from './describe-table.ts';
import type { Engine } from './engine.ts';
import { type Input, isInput, objectsOf, optionalList, optionalObject } from './input.ts';
import { updateContinuousBackups } from './operations/continuous-backups.ts';
import { createTable } from './operations/create-table.ts';
import { deleteTable } from './operations/delete-table.ts';
import { updateTimeToLive } from './operations/time-to-live.ts';
import { updateTable } from './operations/update-table.ts';
import { readTags } from './table-definition.ts';
import type { TableRecord } from './table-schema.ts';
import type { ExpirySweeper } from './ttl.ts';

/** Properties that CreateTable takes under the same name. */
const PLAIN = [
  'KeySchema',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexes',
  'LocalSecondaryIndexes',
  'TableClass',
  'DeletionProtectionEnabled',
  'Tags',
];
const OTHERS = [
  'TableName',
  'SSESpecification',
  'StreamSpecification',
  'TimeToLiveSpecification',
  'PointInTimeRecoverySpecification',
];

const unsupportedProperty = (name: string, why = 'is not supported by the embedded cloud'): AwsError =>
  new AwsError('UnsupportedProperty', `AWS::DynamoDB::Table property ${name} ${why}`);

const refuseUnknown = (properties: Input): void => {
  const unknown = Object.keys(properties).find((name) => ![...PLAIN, ...OTHERS].includes(name));
  if (unknown !== undefined) throw unsupportedProperty(unknown);
};

/** Templates may spell numbers and flags as text. */
const typed = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((element) => typed(element));
  if (isInput(value))
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, typed(inner, name)]));
  if (/(Units|Days)$/.test(key) && typeof value === 'string') return Number(value);
  if (/Enabled$/.test(key) && typeof value === 'string') return value === 'true';
  return value;
};

const propertiesOf = (properties: Readonly<Record<string, unknown>>): Input => {
  refuseUnknown(properties);
  return typed(properties) as Input;
};

const tableNameOf = (context: ResourceContext): string =>
  typeof context.properties.TableName === 'string' ? context.properties.TableName : context.generatedName;

const encryptionInput = (properties: Input): Input => {
  const given = optionalObject(properties, 'SSESpecification');
  if (given === undefined) return {};
  const { SSEEnabled, ...rest } = given;
  return { SSESpecification: { Enabled: SSEEnabled, ...rest } };
};

const streamInput = (properties: Input): Input => {
  const given = optionalObject(properties, 'StreamSpecification');
  return given === undefined ? {} : { StreamSpecification: { StreamEnabled: true, ...given } };
};

const createInput = (name: string, properties: Input): Input => ({
  TableName: name,
  ...Object.fromEntries(PLAIN.filter((key) => properties[key] !== undefined).map((key) => [key, properties[key]])),
  ...encryptionInput(properties),
  ...streamInput(properties),
});

const applyTimeToLive = (engine: Engine, name: string, properties: Input): void => {
  const wanted = optionalObject(properties, 'TimeToLiveSpecification');
  const enabled = wanted?.Enabled === true;
  const current = engine.table(name).ttlAttribute;
  const attribute = enabled ? wanted.AttributeName : undefined;
  if (current === attribute) return;
  const set = (AttributeName: unknown, Enabled: boolean): void =>
    void updateTimeToLive(engine, { TableName: name, TimeToLiveSpecification: { AttributeName, Enabled } });
  if (current !== undefined) set(current, false);
  if (enabled) set(attribute, true);
};

const applyRecovery = (engine: Engine, name: string, properties: Input): void => {
  const wanted = optionalObject(properties, 'PointInTimeRecoverySpecification');
  const enabled = wanted?.PointInTimeRecoveryEnabled === true;
  const current = engine.table(name).recovery;
  if (!enabled && current === undefined) return;
  if (enabled && current?.periodDays === (wanted.RecoveryPeriodInDays ?? 35)) return;
  const specification = { PointInTimeRecoveryEnabled: enabled, ...wanted };
  updateContinuousBackups(engine, { TableName: name, PointInTimeRecoverySpecification: specification });
};

const provisioned = (engine: Engine, record: TableRecord): ProvisionedResource => {
  const stream = streamArn(engine.identity, record);
  return {
    physicalId: record.name,
    attributes: { Arn: tableArn(engine.identity, record.name), ...(stream ? { StreamArn: stream } : {}) },
  };
};

const indexesOf = (properties: Input): ReadonlyMap<string, Input> =>
  new Map(
    objectsOf(optionalList(properties, 'GlobalSecondaryIndexes') ?? [], 'GlobalSecondaryIndexes').map((index) => [
      String(index.IndexName),
      index,
    ]),
  );

/** One update an index, as DynamoDB wants it; a changed index is dropped and built anew, as CloudFormation does. */
const applyIndexes = (engine: Engine, name: string, { previous, next }: { previous: Input; next: Input }): void => {
  const [before, after] = [indexesOf(previous), indexesOf(next)];
  const update = (change: Input): void => {
    updateTable(engine, {
      TableName: name,
      AttributeDefinitions: next.AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [change],
    });
  };
  for (const [indexName, index] of before) {
    if (!isDeepStrictEqual(index, after.get(indexName))) update({ Delete: { IndexName: indexName } });
  }
  for (const [indexName, index] of after) {
    if (!isDeepStrictEqual(index, before.get(indexName))) update({ Create: index });
  }
};

const refuseReplacement = (previous: Input, next: Input): void => {
  for (const name of ['TableName', 'KeySchema', 'LocalSecondaryIndexes']) {
    if (!isDeepStrictEqual(previous[name], next[name])) {
      throw unsupportedProperty(name, 'cannot change on a table that stands: AWS would replace the table and its data');
    }
  }
};

const applySettings = (engine: Engine, name: string, { previous, next }: { previous: Input; next: Input }): void => {
  const changed = (key: string): boolean => !isDeepStrictEqual(previous[key], next[key]);
  const stream = streamInput(next);
  if (changed('StreamSpecification') && engine.table(name).stream !== undefined) {
    updateTable(engine, { TableName: name, StreamSpecification: { StreamEnabled: false } });
  }
  updateTable(engine, {
    TableName: name,
    DeletionProtectionEnabled: next.DeletionProtectionEnabled ?? false,
    ...(changed('BillingMode') || changed('ProvisionedThroughput')
      ? { BillingMode: next.BillingMode ?? 'PROVISIONED', ProvisionedThroughput: next.ProvisionedThroughput }
      : {}),
    ...(changed('SSESpecification') ? { SSESpecification: { Enabled: false }, ...encryptionInput(next) } : {}),
    ...(changed('StreamSpecification') ? stream : {}),
    ...(changed('TableClass') ? { TableClass: next.TableClass ?? 'STANDARD' } : {}),
  });
  const tags = readTags(optionalList(next, 'Tags') ?? []);
  engine.transaction(() => engine.saveTable({ ...engine.table(name), tags }));
};

const applyRest = (engine: Engine, sweeper: ExpirySweeper, name: string, properties: Input): ProvisionedResource => {
  applyTimeToLive(engine, name, properties);
  applyRecovery(engine, name, properties);
  sweeper.arm();
  return provisioned(engine, engine.table(name));
};

export const createTableProvider = (engine: Engine, sweeper: ExpirySweeper): ResourceProvider => ({
  create: async (context) => {
    const properties = propertiesOf(context.properties);
    const name = tableNameOf(context);
    if (engine.findTable(name) === undefined) createTable(engine, createInput(name, properties));
    return applyRest(engine, sweeper, name, properties);
  },
  update: async ({ physicalId, properties, previousProperties }) => {
    const [previous, next] = [propertiesOf(previousProperties), propertiesOf(properties)];
    refuseReplacement(previous, next);
    applySettings(engine, physicalId, { previous, next });
    applyIndexes(engine, physicalId, { previous, next });
    return applyRest(engine, sweeper, physicalId, next);
  },
  delete: async ({ physicalId }) => {
    if (engine.findTable(physicalId) !== undefined) deleteTable(engine, { TableName: physicalId });
  },
});
