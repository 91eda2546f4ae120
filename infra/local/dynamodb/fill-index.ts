import type { Item } from './attribute-value.ts';
import type { Engine } from './engine.ts';
import type { RowReader } from './former-rows.ts';
import { itemBytes } from './item-size.ts';
import { indexRowKeyOf, rowKeyOf } from './row-keys.ts';
import { hasUsableKeys, type IndexRecord, indexImage, type TableRecord } from './table-schema.ts';

/** Makes a new table's rows of another's. Only inside `transaction`. */
export const restoreRows = (engine: Engine, table: TableRecord, from: RowReader): void => {
  engine.storage.createRows(table.storageId);
  const rows = engine.storage.rows(table.storageId);
  for (const row of from.read({})) rows.put(rowKeyOf(JSON.parse(row.item) as Item, table.keys), row);
};

/** Fills a new index from the items there are; an item whose attribute has another type stays out of it. */
export const fillIndex = (engine: Engine, table: TableRecord, index: IndexRecord): void => {
  engine.storage.createRows(index.storageId);
  const rows = engine.storage.rows(index.storageId);
  for (const row of engine.storage.rows(table.storageId).read({})) {
    const item = JSON.parse(row.item) as Item;
    const image = indexImage(item, index, table.keys);
    if (image === undefined || !hasUsableKeys(image, index.keys)) continue;
    rows.put(indexRowKeyOf(image, index.keys, table.keys), { item: JSON.stringify(image), bytes: itemBytes(image) });
  }
};
