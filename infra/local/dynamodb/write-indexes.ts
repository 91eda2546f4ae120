import type { Item } from './attribute-value.ts';
import { itemBytes } from './item-size.ts';
import { indexRowKeyOf } from './row-keys.ts';
import type { RowKey } from './row-store.ts';
import type { Storage } from './storage.ts';
import { type IndexRecord, indexImage, type TableRecord } from './table-schema.ts';

/** Write units that one change cost, by index. */
export type IndexUnits = Readonly<Record<string, number>>;

interface Change {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

interface Entry {
  readonly key: RowKey;
  readonly json: string;
  readonly bytes: number;
}

const WRITE_UNIT_BYTES = 1024;

const sameKey = (left: RowKey, right: RowKey): boolean =>
  left.partition.equals(right.partition) && left.sort.equals(right.sort) && left.base.equals(right.base);

const entryOf = (item: Item | undefined, index: IndexRecord, table: TableRecord): Entry | undefined => {
  const image = item && indexImage(item, index, table.keys);
  if (image === undefined) return undefined;
  return { key: indexRowKeyOf(image, index.keys, table.keys), json: JSON.stringify(image), bytes: itemBytes(image) };
};

const writeIndex = (storage: Storage, table: TableRecord, index: IndexRecord, { before, after }: Change): number => {
  const old = entryOf(before, index, table);
  const next = entryOf(after, index, table);
  if (old?.json === next?.json) return 0;
  const rows = storage.rows(index.storageId);
  let units = 0;
  if (old && !(next && sameKey(old.key, next.key))) {
    rows.delete(old.key);
    units += Math.ceil(old.bytes / WRITE_UNIT_BYTES);
  }
  if (next) {
    rows.put(next.key, { item: next.json, bytes: next.bytes });
    units += Math.ceil(next.bytes / WRITE_UNIT_BYTES);
  }
  return units;
};

/** Brings a table's indexes in line with a change of one item; answers the write units that each index took. */
export const writeIndexes = (storage: Storage, table: TableRecord, change: Change): IndexUnits => {
  const units: Record<string, number> = {};
  for (const index of table.indexes) {
    const spent = writeIndex(storage, table, index, change);
    if (spent > 0) units[index.name] = spent;
  }
  return units;
};
