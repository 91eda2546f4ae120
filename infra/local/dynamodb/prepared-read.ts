import type { Item } from './attribute-value.ts';
import { type Consumption, readUnits } from './capacity.ts';
import type { Engine } from './engine.ts';
import { projectItem } from './expressions/project-item.ts';
import type { DocumentPath } from './expressions/syntax.ts';
import { type Input, requiredItem } from './input.ts';
import { readExpressions } from './request-expressions.ts';
import { checkedKey, type TableRecord } from './table-schema.ts';

/** One item's read, checked: GetItem and transactions share it. */
export interface PreparedRead {
  readonly table: TableRecord;
  readonly key: Item;
  readonly projection: readonly DocumentPath[] | undefined;
}

interface ReadOutcome {
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

export const performRead = (
  engine: Engine,
  { table, key, projection }: PreparedRead,
  consistent: boolean,
): ReadOutcome => {
  const stored = engine.read(table, key);
  const bytes = stored?.bytes ?? 0;
  const item = stored && (projection === undefined ? stored.item : projectItem(stored.item, projection));
  return { item, bytes, consumption: { tableName: table.name, tableUnits: readUnits(bytes, consistent) } };
};
