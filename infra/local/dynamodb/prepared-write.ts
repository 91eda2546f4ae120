import type { Item } from './attribute-value.ts';
import { type Consumption, writeUnits } from './capacity.ts';
import type { Engine } from './engine.ts';
import { conditionFailed, validationError } from './errors.ts';
import { applyUpdate } from './expressions/apply-update.ts';
import { conditionHolds } from './expressions/evaluate-condition.ts';
import type { DocumentPath } from './expressions/syntax.ts';
import { type Input, optionalChoice, requiredItem, requiredTableName } from './input.ts';
import { itemBytes, MAX_ITEM_BYTES } from './item-size.ts';
import { type RequestExpressions, readExpressions } from './request-expressions.ts';
import { rowKeyOf } from './row-keys.ts';
import { checkedKey, isLocal, keyNames, keyOfItem, requireIndexKeys, type TableRecord } from './table-schema.ts';
import type { IndexWrite } from './write-indexes.ts';

/** One item's write, checked as far as it can be without the item: single operations, batches and transactions share it. */
export interface PreparedWrite {
  readonly table: TableRecord;
  readonly key: Item;
  readonly holds: (before: Item | undefined) => boolean;
  readonly returnOldOnFailure: boolean;
  /** The item afterwards, undefined for none. @throws AwsError ValidationException */
  readonly next: (before: Item | undefined) => Item | undefined;
  /** False for a condition check, which writes nothing. */
  readonly writes: boolean;
  /** Resolved paths that an update touches. */
  readonly updatedPaths: readonly DocumentPath[];
}

export interface WriteOutcome {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly consumption: Consumption;
}

const conditionOf = ({ condition, bindings }: RequestExpressions): PreparedWrite['holds'] =>
  condition === undefined ? () => true : (before) => conditionHolds(condition, before ?? {}, bindings);

const returnsOldOnFailure = (input: Input): boolean =>
  optionalChoice(input, 'ReturnValuesOnConditionCheckFailure', ['ALL_OLD', 'NONE']) === 'ALL_OLD';

const requireItemSize = (item: Item, message: string): void => {
  if (itemBytes(item) > MAX_ITEM_BYTES) throw validationError(message);
};

export const preparePut = (engine: Engine, input: Input): PreparedWrite => {
  const tableName = requiredTableName(input);
  const item = requiredItem(input, 'Item');
  const expressions = readExpressions(input, ['ConditionExpression']);
  const returnOldOnFailure = returnsOldOnFailure(input);
  const table = engine.table(tableName);
  const key = keyOfItem(item, table.keys);
  requireIndexKeys(item, table.indexes);
  requireItemSize(item, 'Item size has exceeded the maximum allowed size');
  return {
    table,
    key,
    holds: conditionOf(expressions),
    returnOldOnFailure,
    next: () => item,
    writes: true,
    updatedPaths: [],
  };
};

const prepareKeyed = (
  engine: Engine,
  input: Input,
): Omit<PreparedWrite, 'next' | 'writes' | 'updatedPaths'> & { readonly expressions: RequestExpressions } => {
  const tableName = requiredTableName(input);
  const given = requiredItem(input, 'Key');
  const expressions = readExpressions(input, ['ConditionExpression', 'UpdateExpression']);
  const returnOldOnFailure = returnsOldOnFailure(input);
  const table = engine.table(tableName);
  const key = checkedKey(given, table.keys);
  return { table, key, holds: conditionOf(expressions), returnOldOnFailure, expressions };
};

export const prepareDelete = (engine: Engine, input: Input): PreparedWrite => {
  const { expressions: _, ...prepared } = prepareKeyed(engine, input);
  return { ...prepared, next: () => undefined, writes: true, updatedPaths: [] };
};

export const prepareCheck = (engine: Engine, input: Input): PreparedWrite => {
  const { expressions, ...prepared } = prepareKeyed(engine, input);
  if (expressions.condition === undefined) {
    throw validationError(
      "1 validation error detected: Value null at 'conditionExpression' failed to satisfy constraint: Member must not be null",
    );
  }
  return { ...prepared, next: (before) => before, writes: false, updatedPaths: [] };
};

const refuseKeyUpdates = (paths: readonly DocumentPath[], table: TableRecord): void => {
  const keys = keyNames(table.keys);
  const touched = paths.find(([name]) => keys.includes(String(name)));
  if (touched !== undefined) {
    throw validationError(
      `One or more parameter values were invalid: Cannot update attribute ${touched[0]}. This attribute is part of the key`,
    );
  }
};

export const prepareUpdate = (engine: Engine, input: Input): PreparedWrite => {
  const { expressions, ...prepared } = prepareKeyed(engine, input);
  const { update, bindings } = expressions;
  const updatedPaths = (update ?? []).map(({ path }) => bindings.resolve(path));
  refuseKeyUpdates(updatedPaths, prepared.table);
  // An update that only takes away does not bring an item into being; one that says nothing does.
  const onlyTakesAway = update?.every(({ kind }) => kind === 'REMOVE' || kind === 'DELETE') ?? false;
  const next = (before: Item | undefined): Item | undefined => {
    const after = applyUpdate(before ?? prepared.key, update ?? [], bindings);
    if (before === undefined && onlyTakesAway) return undefined;
    requireIndexKeys(after, prepared.table.indexes);
    requireItemSize(after, 'Item size to update has exceeded the maximum allowed size');
    return after;
  };
  return { ...prepared, next, writes: true, updatedPaths };
};

interface IndexUnits {
  readonly indexUnits: Record<string, number>;
  readonly localIndexUnits: Record<string, number>;
}

/** Takes the write's units in every index, or is throttled by one of them. */
const spendOnIndexes = (
  engine: Engine,
  table: TableRecord,
  writes: readonly IndexWrite[],
  factor: number,
): IndexUnits => {
  const spent: IndexUnits = { indexUnits: {}, localIndexUnits: {} };
  for (const { index, partition, units } of writes) {
    engine.meter.spend({ operation: 'Write', table, index, partition }, units * factor);
    const byIndex = isLocal(index) ? spent.localIndexUnits : spent.indexUnits;
    byIndex[index.name] = (byIndex[index.name] ?? 0) + units * factor;
  }
  return spent;
};

/**
 * Carries a write out; only inside `engine.transaction`. A write whose condition fails has its price too.
 * @param factor 2 in a transaction, which writes everything twice
 * @throws AwsError ConditionalCheckFailedException, ValidationException, ThrottlingException
 */
export const performWrite = (engine: Engine, write: PreparedWrite, factor: 1 | 2 = 1): WriteOutcome => {
  const { table, key } = write;
  const stored = engine.read(table, key);
  const before = stored?.item;
  const site = { operation: 'Write', table, partition: rowKeyOf(key, table.keys).partition } as const;
  const priceOf = (after: Item | undefined): number =>
    factor * writeUnits(stored?.row.bytes ?? 0, after === undefined ? 0 : itemBytes(after));
  if (!write.holds(before)) {
    engine.meter.spend(site, priceOf(before));
    throw conditionFailed(write.returnOldOnFailure ? before : undefined);
  }
  const after = write.next(before);
  const tableUnits = priceOf(after);
  engine.meter.spend(site, tableUnits);
  const changes = write.writes && (before !== undefined || after !== undefined);
  const indexWrites = changes ? engine.write(table, { key, before, after, formerRow: stored?.row }) : [];
  const spent = spendOnIndexes(engine, table, indexWrites, factor);
  return { before, after, consumption: { tableName: table.name, tableUnits, ...spent } };
};
