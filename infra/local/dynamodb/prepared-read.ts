import type { Item } from './attribute-value.ts';
import { type Consumption, readUnits } from './capacity.ts';
import type { Engine } from './engine.ts';
import { projectItem } from './expressions/project-item.ts';
import type { DocumentPath } from './expressions/syntax.ts';
import { type Input, requiredItem } from './input.ts';
import { readExpressions } from './request-expressions.ts';
import { rowKeyOf } from './row-keys.ts';
import { checkedKey, type TableRecord } from './table-schema.ts';

/** One item's read, checked: GetItem and transactions share it. */
export interface PreparedRead {
  readonly table: TableRecord;
  readonly key: Item;
  readonly projection: readonly DocumentPath[] | undefined;
}

export interface ReadOutcome {
  readonly item: Item | undefined;
  readonly bytes: number;
  readonly consumption: Consumption;
}

export const prepareRead = (engine: Engine, tableName: string, input: Input): PreparedRead => {
  const given = requiredItem(input, 'Key');
  const { projection } = readExpressions(input, ['ProjectionExpression']);
  const table = engine.table(tableName);
  return { table, key: checkedKey(given, table.keys), projection };
};

/** @param factor 2 in a transaction, which reads everything twice */
export const performRead = (
  engine: Engine,
  { table, key, projection }: PreparedRead,
  { consistent, factor = 1 }: { readonly consistent: boolean; readonly factor?: 1 | 2 },
): ReadOutcome => {
  const rowKey = rowKeyOf(key, table.keys);
  const row = engine.reader({ table }, consistent).get(rowKey);
  const bytes = row?.bytes ?? 0;
  const tableUnits = factor * readUnits(bytes, consistent);
  engine.meter.spend({ operation: 'Read', table, partition: rowKey.partition }, tableUnits);
  const stored = row && (JSON.parse(row.item) as Item);
  const item = stored && (projection === undefined ? stored : projectItem(stored, projection));
  return { item, bytes, consumption: { tableName: table.name, tableUnits } };
};
