import { decodeItem, type Item, typeOf } from './attribute-value.ts';
import { type CapacityMode, capacityMode, consumedCapacity, readUnits } from './capacity.ts';
import type { Engine } from './engine.ts';
import { validationError } from './errors.ts';
import { conditionHolds } from './expressions/evaluate-condition.ts';
import { projectItem } from './expressions/project-item.ts';
import { type Input, optionalChoice, optionalFlag, optionalInteger, optionalObject, optionalText } from './input.ts';
import type { RequestExpressions } from './request-expressions.ts';
import { indexRowKeyOf, rowKeyOf } from './row-keys.ts';
import type { RowKey, RowRange } from './row-store.ts';
import {
  type IndexRecord,
  isLocal,
  type KeySchema,
  keyAttributes,
  keyNames,
  type TableRecord,
} from './table-schema.ts';

/** What Query and Scan share: which rows of which index, a page at a time. */
export interface PageSource {
  readonly table: TableRecord;
  readonly index: IndexRecord | undefined;
  readonly keys: KeySchema;
  readonly storageId: string;
}

interface PageOptions {
  readonly limit: number;
  readonly countsOnly: boolean;
  /** A local index is asked for what only the table keeps: each item is read there too. */
  readonly fetches: boolean;
  readonly consistent: boolean;
  readonly mode: CapacityMode;
}

const MAX_PAGE_BYTES = 1024 * 1024;
const SELECTS = ['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES'] as const;

/** @throws AwsError ResourceNotFoundException for a missing table, ValidationException for a missing index. */
export const pageSource = (engine: Engine, tableName: string, input: Input): PageSource => {
  const table = engine.table(tableName);
  const indexName = optionalText(input, 'IndexName');
  if (indexName === undefined) return { table, index: undefined, keys: table.keys, storageId: table.storageId };
  const index = table.indexes.find(({ name }) => name === indexName);
  if (index === undefined) {
    throw validationError(`The table does not have the specified index: ${indexName}`);
  }
  return { table, index, keys: index.keys, storageId: index.storageId };
};

/** Attributes asked for that an index does not keep. */
const unprojected = (
  { index, table }: Pick<PageSource, 'index' | 'table'>,
  projection: RequestExpressions['projection'],
): readonly string[] => {
  if (index === undefined || index.projection.type === 'ALL' || projection === undefined) return [];
  const kept = [...keyNames(table.keys), ...keyNames(index.keys), ...index.projection.nonKeyAttributes];
  return projection.map(([name]) => String(name)).filter((name) => !kept.includes(name));
};

const requireProjected = ({ index, table }: PageSource, { projection }: RequestExpressions): void => {
  const missing = unprojected({ index, table }, projection);
  if (index !== undefined && !isLocal(index) && missing.length > 0) {
    throw validationError(
      `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${missing.join(', ')}]`,
    );
  }
};

const requireSelect = (source: PageSource, select: string | undefined, expressions: RequestExpressions): void => {
  const { index } = source;
  if (expressions.projection !== undefined && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') {
    throw validationError(
      `Cannot specify the ProjectionExpression when choosing to get ${select === 'COUNT' ? 'only the Count' : select}`,
    );
  }
  if (select === 'SPECIFIC_ATTRIBUTES' && expressions.projection === undefined) {
    throw validationError(
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    );
  }
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && index === undefined) {
    throw validationError('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (select === 'ALL_ATTRIBUTES' && index !== undefined && !isLocal(index) && index.projection.type !== 'ALL') {
    throw validationError(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
  }
};

export const pageOptions = (source: PageSource, input: Input, expressions: RequestExpressions): PageOptions => {
  const select = optionalChoice(input, 'Select', SELECTS);
  requireSelect(source, select, expressions);
  requireProjected(source, expressions);
  const consistent = optionalFlag(input, 'ConsistentRead') ?? false;
  if (consistent && source.index !== undefined && !isLocal(source.index)) {
    throw validationError('Consistent reads are not supported on global secondary indexes');
  }
  return {
    limit: optionalInteger(input, 'Limit', { min: 1, max: 2 ** 31 - 1 }) ?? Number.POSITIVE_INFINITY,
    countsOnly: select === 'COUNT',
    fetches: select === 'ALL_ATTRIBUTES' || unprojected(source, expressions.projection).length > 0,
    consistent,
    mode: capacityMode(input),
  };
};

export const rowKeyIn = ({ table, index }: PageSource, key: Item): RowKey =>
  index === undefined ? rowKeyOf(key, table.keys) : indexRowKeyOf(key, index.keys, table.keys);

/** Attributes that a key of a page has: the index's keys and the table's. */
const startKeyAttributes = ({ table, keys }: PageSource) => {
  const own = keyAttributes(keys);
  return [...own, ...keyAttributes(table.keys).filter(({ name }) => own.every((other) => other.name !== name))];
};

/** `ExclusiveStartKey`, checked against the schema. @throws AwsError ValidationException */
export const startKey = (source: PageSource, input: Input): Item | undefined => {
  const raw = optionalObject(input, 'ExclusiveStartKey');
  if (raw === undefined) return undefined;
  const key = decodeItem(raw, 'ExclusiveStartKey');
  const attributes = startKeyAttributes(source);
  const fits =
    Object.keys(key).length === attributes.length &&
    attributes.every(({ name, type }) => {
      const value = Object.hasOwn(key, name) ? key[name] : undefined;
      return value !== undefined && typeOf(value) === type;
    });
  if (fits) return key;
  throw validationError('The provided starting key is invalid: The provided key element does not match the schema');
};

const lastKeyOf = (source: PageSource, item: Item): Item =>
  Object.fromEntries(
    startKeyAttributes(source).flatMap(({ name }) => {
      const value = item[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

interface PageRequest {
  readonly range: RowRange;
  readonly options: PageOptions;
  readonly expressions: RequestExpressions;
}

interface PageContent {
  readonly items: readonly Item[];
  readonly matched: number;
  readonly scanned: number;
  readonly bytes: number;
  readonly lastItem: Item | undefined;
  /** Read units that whole items took, fetched from the table for a local index. */
  readonly fetchedUnits: number;
}

interface ReadItem {
  readonly item: Item;
  /** Of the row that was read: an index's image counts, not its item. */
  readonly bytes: number;
  /** Read units of the whole item, where it was fetched from the table. */
  readonly fetchedUnits: number;
}

/** The items of a range, whole where a local index is asked for more than it keeps. */
function* itemsOf(engine: Engine, source: PageSource, { range, options }: PageRequest): Iterable<ReadItem> {
  const { table, index } = source;
  const { consistent } = options;
  const whole = options.fetches && index !== undefined ? engine.reader({ table }, consistent) : undefined;
  for (const { item: json, bytes } of engine.reader(source, consistent).read(range)) {
    const item = JSON.parse(json) as Item;
    const fetched = whole?.get(rowKeyOf(item, table.keys));
    if (fetched === undefined) yield { item, bytes, fetchedUnits: 0 };
    else yield { item: JSON.parse(fetched.item) as Item, bytes, fetchedUnits: readUnits(fetched.bytes, consistent) };
  }
}

/** Reads rows until the limit or 1 MB is reached; the filter only thins out what was read. */
const readRows = (engine: Engine, source: PageSource, request: PageRequest): PageContent => {
  const { options } = request;
  const { filter, projection, bindings } = request.expressions;
  const items: Item[] = [];
  const page = { matched: 0, scanned: 0, bytes: 0, fetchedUnits: 0 };
  for (const { item, bytes, fetchedUnits } of itemsOf(engine, source, request)) {
    page.scanned += 1;
    page.bytes += bytes;
    page.fetchedUnits += fetchedUnits;
    if (filter === undefined || conditionHolds(filter, item, bindings)) {
      page.matched += 1;
      if (!options.countsOnly) items.push(projection === undefined ? item : projectItem(item, projection));
    }
    if (page.scanned >= options.limit || page.bytes >= MAX_PAGE_BYTES) return { ...page, items, lastItem: item };
  }
  return { ...page, items, lastItem: undefined };
};

/** One page as Query and Scan answer it. */
export const readPage = (engine: Engine, source: PageSource, request: PageRequest): unknown => {
  const { countsOnly, consistent, mode } = request.options;
  const { items, matched, scanned, bytes, lastItem, fetchedUnits } = readRows(engine, source, request);
  const units = readUnits(bytes, consistent);
  const { partition } = request.range;
  if (partition)
    engine.meter.spend(
      { operation: 'Read', table: source.table, index: source.index, partition },
      units + fetchedUnits,
    );
  const { table, index } = source;
  const consumption =
    index === undefined
      ? { tableName: table.name, tableUnits: units }
      : {
          tableName: table.name,
          tableUnits: fetchedUnits,
          [isLocal(index) ? 'localIndexUnits' : 'indexUnits']: { [index.name]: units },
        };
  return {
    ...(countsOnly ? {} : { Items: items }),
    Count: matched,
    ScannedCount: scanned,
    ...(lastItem ? { LastEvaluatedKey: lastKeyOf(source, lastItem) } : {}),
    ...consumedCapacity(mode, consumption),
  };
};
