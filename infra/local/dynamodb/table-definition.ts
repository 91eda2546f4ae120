import type { CloudIdentity, IdSource } from '../contracts.ts';
import { unsupported, validationError } from './errors.ts';
import {
  acceptOnly,
  type Input,
  missing,
  objectsOf,
  optionalChoice,
  optionalFlag,
  optionalInteger,
  optionalList,
  optionalObject,
  optionalText,
  requiredList,
  requiredObject,
  requiredTableName,
  requiredText,
  requireLength,
  wireName,
} from './input.ts';
import {
  type IndexRecord,
  isLocal,
  type KeyAttribute,
  type KeySchema,
  keyNames,
  type Projection,
  type TableRecord,
  type Throughput,
} from './table-schema.ts';

/** Reads what CreateTable and UpdateTable say of a table into records. */

const invalid = (message: string): never => {
  throw validationError(`One or more parameter values were invalid: ${message}`);
};

type AttributeTypes = ReadonlyMap<string, KeyAttribute['type']>;

export const readAttributeTypes = (input: Input): AttributeTypes => {
  const definitions = objectsOf(optionalList(input, 'AttributeDefinitions') ?? [], 'AttributeDefinitions');
  const types = new Map<string, KeyAttribute['type']>();
  for (const definition of definitions) {
    acceptOnly('AttributeDefinitions', definition, ['AttributeName', 'AttributeType']);
    const name = requiredText(definition, 'AttributeName');
    requireLength('AttributeName', name.length, { min: 1, max: 255 });
    if (types.has(name)) invalid(`Duplicate AttributeName in AttributeDefinitions: ${name}`);
    const type = optionalChoice(definition, 'AttributeType', ['B', 'N', 'S'] as const);
    types.set(name, type ?? invalid('Member must not be null: AttributeType'));
  }
  return types;
};

const keyOf = (definition: Input | undefined, expected: 'HASH' | 'RANGE', types: AttributeTypes): KeyAttribute => {
  if (definition === undefined) return invalid(`No ${expected} key given in KeySchema`);
  acceptOnly('KeySchema', definition, ['AttributeName', 'KeyType']);
  const keyType = optionalChoice(definition, 'KeyType', ['HASH', 'RANGE'] as const);
  if (keyType !== expected) {
    return invalid(
      expected === 'HASH'
        ? 'Invalid KeySchema: The first KeySchemaElement is not a HASH key type'
        : 'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
    );
  }
  const name = requiredText(definition, 'AttributeName');
  requireLength('AttributeName', name.length, { min: 1, max: 255 });
  const type = types.get(name);
  if (type === undefined) {
    return invalid(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${name}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
    );
  }
  return { name, type };
};

const readKeys = (input: Input, types: AttributeTypes): KeySchema => {
  const schema = objectsOf(requiredList(input, 'KeySchema'), 'KeySchema');
  requireLength('KeySchema', schema.length, { min: 1, max: 2 });
  const partition = keyOf(schema[0], 'HASH', types);
  if (schema.length === 1) return { partition };
  const sort = keyOf(schema[1], 'RANGE', types);
  if (sort.name === partition.name) {
    invalid('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  }
  return { partition, sort };
};

export const readThroughput = (input: Input): Throughput | undefined => {
  const given = optionalObject(input, 'ProvisionedThroughput');
  if (given === undefined) return undefined;
  const units = (name: string): number =>
    optionalInteger(given, name, { min: 1, max: 40_000 }) ?? missing(`provisionedThroughput.${wireName(name)}`);
  return { readUnits: units('ReadCapacityUnits'), writeUnits: units('WriteCapacityUnits') };
};

const readProjection = (input: Input): Projection => {
  const given = requiredObject(input, 'Projection');
  acceptOnly('Projection', given, ['ProjectionType', 'NonKeyAttributes']);
  const type = optionalChoice(given, 'ProjectionType', ['ALL', 'INCLUDE', 'KEYS_ONLY'] as const);
  if (type === undefined) return invalid('Unknown ProjectionType: null');
  const nonKeyAttributes = (optionalList(given, 'NonKeyAttributes') ?? []).map(String);
  if (type === 'INCLUDE' && nonKeyAttributes.length === 0) {
    return invalid('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  if (type !== 'INCLUDE' && nonKeyAttributes.length > 0) {
    return invalid(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  if (new Set(nonKeyAttributes).size < nonKeyAttributes.length) {
    return invalid('Duplicate attribute name in NonKeyAttributes');
  }
  return { type, nonKeyAttributes };
};

const INDEX_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;

export const readIndex = (input: Input, types: AttributeTypes, ids: IdSource): IndexRecord => {
  acceptOnly('GlobalSecondaryIndexes', input, ['IndexName', 'KeySchema', 'Projection', 'ProvisionedThroughput']);
  const name = requiredText(input, 'IndexName');
  if (!INDEX_NAME.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name}' at 'indexName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have length between 3 and 255`,
    );
  }
  const throughput = readThroughput(input);
  return {
    name,
    storageId: ids.uuid(),
    keys: readKeys(input, types),
    projection: readProjection(input),
    ...(throughput ? { throughput } : {}),
  };
};

export const readStream = (input: Input, newLabel: () => string): TableRecord['stream'] | undefined => {
  const given = optionalObject(input, 'StreamSpecification');
  if (given === undefined || optionalFlag(given, 'StreamEnabled') === false) return undefined;
  const viewType = optionalChoice(given, 'StreamViewType', [
    'NEW_IMAGE',
    'OLD_IMAGE',
    'NEW_AND_OLD_IMAGES',
    'KEYS_ONLY',
  ] as const);
  if (viewType === undefined) return invalid('StreamViewType is required when StreamEnabled is true');
  return { viewType, label: newLabel() };
};

/** A key by id, alias or ARN, as an ARN. */
const keyArn = ({ partition, region, accountId }: CloudIdentity, given: string): string => {
  if (given.startsWith('arn:')) return given;
  return `arn:${partition}:kms:${region}:${accountId}:${given.startsWith('alias/') ? given : `key/${given}`}`;
};

/** Encryption is told back, not done: what lies on the disk of a laptop is the laptop's to guard. */
export const readEncryption = (input: Input, identity: CloudIdentity): TableRecord['encryption'] | undefined => {
  const given = optionalObject(input, 'SSESpecification');
  if (given === undefined || optionalFlag(given, 'Enabled') !== true) return undefined;
  if ((optionalChoice(given, 'SSEType', ['KMS', 'AES256']) ?? 'KMS') !== 'KMS') throw unsupported('SSEType AES256');
  return { kmsKeyArn: keyArn(identity, optionalText(given, 'KMSMasterKeyId') ?? 'alias/aws/dynamodb') };
};

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const MAX_TAGS = 50;

export const readTags = (list: readonly unknown[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    objectsOf(list, 'Tags').map((tag) => {
      const [key, value] = [requiredText(tag, 'Key'), requiredText(tag, 'Value')];
      requireLength('Tags.Key', key.length, { min: 1, max: 128 });
      requireLength('Tags.Value', value.length, { min: 0, max: 256 });
      if (!TAG_TEXT.test(key) || !TAG_TEXT.test(value)) {
        throw validationError(`a tag may hold letters, numbers, spaces and _.:/=+-@, got ${key}=${value}`);
      }
      return [key, value];
    }),
  );

export const requireTagCount = (tags: Readonly<Record<string, string>>): void => {
  if (Object.keys(tags).length > MAX_TAGS)
    throw validationError(`a table may have ${MAX_TAGS} tags, got ${Object.keys(tags).length}`);
};

/** An attribute without a key that uses it is refused, and so is the reverse. */
const requireDefinitionsUsed = (types: AttributeTypes, schemas: readonly KeySchema[]): void => {
  const used = new Set(schemas.flatMap(keyNames));
  const unused = [...types.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) {
    invalid(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${[...types.keys()].join(', ')}], keys used: [${[...used].join(', ')}]`,
    );
  }
};

export const requireThroughput = (
  billingMode: TableRecord['billingMode'],
  throughputs: readonly (Throughput | undefined)[],
): void => {
  if (billingMode === 'PROVISIONED' && throughputs.includes(undefined)) {
    invalid('ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED');
  }
  if (billingMode === 'PAY_PER_REQUEST' && throughputs.some((throughput) => throughput !== undefined)) {
    invalid('Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST');
  }
};

const readIndexes = (input: Input, types: AttributeTypes, ids: IdSource): readonly IndexRecord[] => {
  const list = optionalList(input, 'GlobalSecondaryIndexes');
  if (list === undefined) return [];
  if (list.length === 0) invalid('List of GlobalSecondaryIndexes is empty');
  if (list.length > 20) invalid('GlobalSecondaryIndex count exceeds the per-table limit of 20');
  return objectsOf(list, 'GlobalSecondaryIndexes').map((index) => readIndex(index, types, ids));
};

const readLocalIndexes = (
  input: Input,
  { types, tableKeys, ids }: { readonly types: AttributeTypes; readonly tableKeys: KeySchema; readonly ids: IdSource },
): readonly IndexRecord[] => {
  const list = optionalList(input, 'LocalSecondaryIndexes');
  if (list === undefined) return [];
  if (list.length === 0) invalid('List of LocalSecondaryIndexes is empty');
  if (list.length > 5) invalid('Number of LocalSecondaryIndexes exceeds per-table limit of 5');
  if (tableKeys.sort === undefined) {
    invalid('Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex');
  }
  return objectsOf(list, 'LocalSecondaryIndexes').map((definition) => {
    acceptOnly('LocalSecondaryIndexes', definition, ['IndexName', 'KeySchema', 'Projection']);
    const index = readIndex(definition, types, ids);
    const [own, theirs] = [tableKeys.partition.name, index.keys.partition.name];
    if (own !== theirs) {
      invalid(
        `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.name}. index hash key: ${theirs}, table hash key: ${own}`,
      );
    }
    if (index.keys.sort === undefined) invalid(`Index KeySchema does not have a range key for index: ${index.name}`);
    return { ...index, scope: 'local' };
  });
};

/** The record of a new table. @throws AwsError ValidationException */
export const readTableDefinition = (
  input: Input,
  {
    identity,
    ids,
    nowMs,
    newLabel,
  }: {
    readonly identity: CloudIdentity;
    readonly ids: IdSource;
    readonly nowMs: number;
    /** Of a stream of the table with this name. */
    readonly newLabel: (tableName: string) => string;
  },
): TableRecord => {
  const types = readAttributeTypes(input);
  const keys = readKeys(input, types);
  const indexes = [...readLocalIndexes(input, { types, tableKeys: keys, ids }), ...readIndexes(input, types, ids)];
  const duplicate = indexes.find(({ name }, at) => indexes.findIndex((other) => other.name === name) < at);
  if (duplicate) invalid(`Duplicate index name: ${duplicate.name}`);
  requireDefinitionsUsed(types, [keys, ...indexes.map((index) => index.keys)]);
  const billingMode =
    optionalChoice(input, 'BillingMode', ['PROVISIONED', 'PAY_PER_REQUEST'] as const) ?? 'PROVISIONED';
  const throughput = readThroughput(input);
  requireThroughput(billingMode, [
    throughput,
    ...indexes.filter((index) => !isLocal(index)).map((index) => index.throughput),
  ]);
  const name = requiredTableName(input);
  const stream = readStream(input, () => newLabel(name));
  const encryption = readEncryption(input, identity);
  const tableClass = optionalChoice(input, 'TableClass', ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'] as const);
  const tags = readTags(optionalList(input, 'Tags') ?? []);
  requireTagCount(tags);
  return {
    name,
    storageId: ids.uuid(),
    tableId: ids.uuid(),
    createdAtMs: nowMs,
    keys,
    indexes,
    billingMode,
    ...(throughput ? { throughput } : {}),
    deletionProtected: optionalFlag(input, 'DeletionProtectionEnabled') ?? false,
    ...(tableClass ? { tableClass } : {}),
    ...(stream ? { stream } : {}),
    ...(encryption ? { encryption } : {}),
    tags,
  };
};
