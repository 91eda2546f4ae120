import { Buffer } from 'node:buffer';
import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { validationError } from './errors.ts';
import { attributeOf } from './expressions/document-path.ts';
import { binaryBytes } from './item-size.ts';
import type { StreamViewType } from './streams/stream-record.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

export interface Projection {
  readonly type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly nonKeyAttributes: readonly string[];
}

export interface IndexRecord {
  readonly name: string;
  /** Local indexes share the table's partition key and throughput; without it the index is global. */
  readonly scope?: 'local';
  /** Names the index's rows in storage; never used twice. */
  readonly storageId: string;
  readonly keys: KeySchema;
  readonly projection: Projection;
  readonly throughput?: Throughput;
}

export interface Throughput {
  readonly readUnits: number;
  readonly writeUnits: number;
}

/** A table as it is kept; the wire's description is made from it. */
export interface TableRecord {
  readonly name: string;
  readonly storageId: string;
  readonly tableId: string;
  readonly createdAtMs: number;
  readonly keys: KeySchema;
  readonly indexes: readonly IndexRecord[];
  readonly billingMode: 'PAY_PER_REQUEST' | 'PROVISIONED';
  readonly throughput?: Throughput;
  readonly deletionProtected: boolean;
  readonly tableClass?: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';
  readonly stream?: { readonly viewType: StreamViewType; readonly label: string };
  /** Present when a KMS key was asked for; the AWS owned key is the default. */
  readonly encryption?: { readonly kmsKeyArn: string };
  readonly ttlAttribute?: string;
  readonly recovery?: { readonly enabledAtMs: number; readonly periodDays: number };
  readonly tags: Readonly<Record<string, string>>;
}

export const isLocal = ({ scope }: IndexRecord): boolean => scope === 'local';

const MAX_PARTITION_BYTES = 2048;
const MAX_SORT_BYTES = 1024;

export const keyAttributes = ({ partition, sort }: KeySchema): readonly KeyAttribute[] =>
  sort === undefined ? [partition] : [partition, sort];

export const keyNames = (keys: KeySchema): readonly string[] => keyAttributes(keys).map(({ name }) => name);

const isEmpty = (value: AttributeValue): boolean =>
  ('S' in value && value.S === '') || ('B' in value && value.B === '');

const keyBytes = (value: AttributeValue): number => {
  if ('S' in value) return Buffer.byteLength(value.S);
  return 'B' in value ? binaryBytes(value.B) : 0;
};

const requireKeyBytes = (value: AttributeValue, keys: KeySchema, attribute: KeyAttribute): void => {
  const isSort = attribute === keys.sort;
  const limit = isSort ? MAX_SORT_BYTES : MAX_PARTITION_BYTES;
  if (keyBytes(value) > limit) {
    throw validationError(
      `One or more parameter values were invalid: Size of ${isSort ? 'rangekey' : 'hashkey'} has exceeded the maximum size limit of ${limit} bytes`,
    );
  }
};

const requireKeyValue = (value: AttributeValue, keys: KeySchema, attribute: KeyAttribute): void => {
  if (isEmpty(value)) {
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${'S' in value ? 'string' : 'binary'} value. Key: ${attribute.name}`,
    );
  }
  requireKeyBytes(value, keys, attribute);
};

/** The key attributes of a whole item. @throws AwsError ValidationException */
export const keyOfItem = (item: Item, keys: KeySchema): Item =>
  Object.fromEntries(
    keyAttributes(keys).map((attribute) => {
      const value = attributeOf(item, attribute.name);
      if (value === undefined) {
        throw validationError(
          `One or more parameter values were invalid: Missing the key ${attribute.name} in the item`,
        );
      }
      if (typeOf(value) !== attribute.type) {
        throw validationError(
          `One or more parameter values were invalid: Type mismatch for key ${attribute.name} expected: ${attribute.type} actual: ${typeOf(value)}`,
        );
      }
      requireKeyValue(value, keys, attribute);
      return [attribute.name, value];
    }),
  );

/** A `Key` parameter: the key attributes and nothing else. @throws AwsError ValidationException */
export const checkedKey = (key: Item, keys: KeySchema): Item => {
  const attributes = keyAttributes(keys);
  const matches =
    Object.keys(key).length === attributes.length &&
    attributes.every(({ name, type }) => {
      const value = attributeOf(key, name);
      return value !== undefined && typeOf(value) === type;
    });
  if (!matches) throw validationError('The provided key element does not match the schema');
  for (const attribute of attributes) {
    const value = attributeOf(key, attribute.name);
    if (value !== undefined) requireKeyValue(value, keys, attribute);
  }
  return Object.fromEntries(attributes.map(({ name }) => [name, key[name] as AttributeValue]));
};

const refuseIndexKey = (index: IndexRecord, { name, type }: KeyAttribute, value: AttributeValue): never => {
  if (typeOf(value) !== type) {
    throw validationError(
      `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
    );
  }
  throw validationError(
    `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${'S' in value ? 'string' : 'binary'} value. IndexName: ${index.name}, IndexKey: ${name}`,
  );
};

/** An attribute that keys an index may be missing, never of another type or empty. @throws AwsError ValidationException */
export const requireIndexKeys = (item: Item, indexes: readonly IndexRecord[]): void => {
  for (const index of indexes) {
    for (const attribute of keyAttributes(index.keys)) {
      const value = attributeOf(item, attribute.name);
      if (value === undefined) continue;
      if (typeOf(value) !== attribute.type || isEmpty(value)) refuseIndexKey(index, attribute, value);
      requireKeyBytes(value, index.keys, attribute);
    }
  }
};

/** What an index keeps of an item; undefined when the item lacks one of the index's keys. */
export const indexImage = (item: Item, index: IndexRecord, tableKeys: KeySchema): Item | undefined => {
  if (keyNames(index.keys).some((name) => !Object.hasOwn(item, name))) return undefined;
  if (index.projection.type === 'ALL') return item;
  const kept = new Set([...keyNames(tableKeys), ...keyNames(index.keys), ...index.projection.nonKeyAttributes]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
};

/** True when the item's attributes may stand as keys: of the right type, not empty, not too long. */
export const hasUsableKeys = (item: Item, keys: KeySchema): boolean =>
  keyAttributes(keys).every((attribute) => {
    const value = attributeOf(item, attribute.name);
    if (value === undefined || typeOf(value) !== attribute.type || isEmpty(value)) return false;
    return keyBytes(value) <= (attribute === keys.sort ? MAX_SORT_BYTES : MAX_PARTITION_BYTES);
  });
