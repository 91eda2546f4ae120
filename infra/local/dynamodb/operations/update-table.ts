import { describeRecord } from '../describe-table.ts';
import type { Engine } from '../engine.ts';
import { tableNotFound, unsupported, validationError } from '../errors.ts';
import { fillIndex } from '../fill-index.ts';
import {
  acceptOnly,
  type Input,
  objectsOf,
  optionalChoice,
  optionalFlag,
  optionalList,
  optionalObject,
  requiredText,
} from '../input.ts';
import { namedTable } from '../named-table.ts';
import { newStreamLabel } from '../streams/new-stream-label.ts';
import {
  readAttributeTypes,
  readEncryption,
  readIndex,
  readStream,
  readThroughput,
  requireThroughput,
} from '../table-definition.ts';
import { type IndexRecord, isLocal, keyAttributes, type TableRecord } from '../table-schema.ts';

const ACCEPTED = [
  'TableName',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'GlobalSecondaryIndexUpdates',
  'StreamSpecification',
  'SSESpecification',
  'TableClass',
  'DeletionProtectionEnabled',
];

const without = <K extends keyof TableRecord>(record: TableRecord, name: K): Omit<TableRecord, K> => {
  const { [name]: _, ...rest } = record;
  return rest;
};

const withBilling = (record: TableRecord, input: Input): TableRecord => {
  const billingMode =
    optionalChoice(input, 'BillingMode', ['PROVISIONED', 'PAY_PER_REQUEST'] as const) ?? record.billingMode;
  const given = readThroughput(input);
  const throughput = given ?? (billingMode === record.billingMode ? record.throughput : undefined);
  requireThroughput(billingMode, [throughput]);
  return { ...without(record, 'throughput'), billingMode, ...(throughput ? { throughput } : {}) };
};

const withStream = (engine: Engine, record: TableRecord, input: Input): TableRecord => {
  const given = optionalObject(input, 'StreamSpecification');
  if (given === undefined) return record;
  const stream = readStream(input, () => newStreamLabel(engine, record.name));
  if (stream !== undefined && record.stream !== undefined) throw validationError('Table already has an enabled stream');
  if (stream === undefined && record.stream === undefined) {
    throw validationError('Table is already without a stream: cannot disable it');
  }
  return { ...without(record, 'stream'), ...(stream ? { stream } : {}) };
};

const withSettings = (engine: Engine, record: TableRecord, input: Input): TableRecord => {
  const tableClass = optionalChoice(input, 'TableClass', ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'] as const);
  const encrypted = optionalObject(input, 'SSESpecification') !== undefined;
  const encryption = readEncryption(input, engine.identity);
  return {
    ...(encrypted ? without(record, 'encryption') : record),
    ...(encryption ? { encryption } : {}),
    ...(tableClass ? { tableClass } : {}),
    deletionProtected: optionalFlag(input, 'DeletionProtectionEnabled') ?? record.deletionProtected,
  };
};

/** An attribute has one type, whichever key uses it. */
const refuseRedefinition = (record: TableRecord, index: IndexRecord): void => {
  const existing = [record, ...record.indexes].flatMap(({ keys }) => keyAttributes(keys));
  for (const { name, type } of keyAttributes(index.keys)) {
    const other = existing.find((attribute) => attribute.name === name && attribute.type !== type);
    if (other) {
      throw validationError(
        `One or more parameter values were invalid: Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: ${name}:${other.type}, new schema: ${name}:${type}`,
      );
    }
  }
};

const addIndex = (engine: Engine, record: TableRecord, create: Input, input: Input): TableRecord => {
  const index = readIndex(create, readAttributeTypes(input), engine.ids);
  if (record.indexes.some(({ name }) => name === index.name)) {
    throw validationError(`Attempting to create an index which already exists: ${index.name}`);
  }
  refuseRedefinition(record, index);
  requireThroughput(record.billingMode, [index.throughput]);
  fillIndex(engine, record, index);
  return { ...record, indexes: [...record.indexes, index] };
};

const dropIndex = (engine: Engine, record: TableRecord, remove: Input): TableRecord => {
  const name = requiredText(remove, 'IndexName');
  const index = record.indexes.find((candidate) => candidate.name === name && !isLocal(candidate));
  if (index === undefined) throw tableNotFound(`Requested resource not found: Index: ${name} not found`);
  engine.storage.dropRows(index.storageId);
  return { ...record, indexes: record.indexes.filter((candidate) => candidate !== index) };
};

const withIndexes = (engine: Engine, record: TableRecord, input: Input): TableRecord => {
  const updates = objectsOf(optionalList(input, 'GlobalSecondaryIndexUpdates') ?? [], 'GlobalSecondaryIndexUpdates');
  if (updates.length > 1)
    throw validationError('Only 1 online index can be created or deleted in one UpdateTable call');
  return updates.reduce((current, update) => {
    const kinds = Object.keys(update).filter((kind) => ['Create', 'Delete', 'Update'].includes(kind));
    if (kinds.length !== 1) {
      throw validationError(
        'One or more parameter values were invalid: GlobalSecondaryIndexUpdate must hold exactly one of Create, Delete, Update',
      );
    }
    const create = optionalObject(update, 'Create');
    const remove = optionalObject(update, 'Delete');
    if (create) return addIndex(engine, current, create, input);
    if (remove) return dropIndex(engine, current, remove);
    throw unsupported('GlobalSecondaryIndexUpdates Update');
  }, record);
};

const requireAnyChange = (input: Input): void => {
  const updates = optionalList(input, 'GlobalSecondaryIndexUpdates');
  const changes = ACCEPTED.slice(2).filter(
    (name) => input[name] != null && !(input[name] === updates && updates?.length === 0),
  );
  if (changes.length === 0) throw validationError(`UpdateTable needs at least one of ${ACCEPTED.slice(2).join(', ')}`);
};

/** Applies one UpdateTable request; changes that take AWS minutes are done when this returns. */
export const updateTable = (engine: Engine, input: Input): unknown => {
  acceptOnly('UpdateTable', input, ACCEPTED);
  const record = namedTable(engine, input);
  requireAnyChange(input);
  const updated = engine.transaction(() => {
    const billed = withBilling(record, input);
    const streamed = withStream(engine, billed, input);
    const next = withIndexes(engine, withSettings(engine, streamed, input), input);
    engine.saveTable(next);
    return next;
  });
  return { TableDescription: describeRecord(engine, updated, 'UPDATING') };
};
