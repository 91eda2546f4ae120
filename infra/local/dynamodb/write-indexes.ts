import type { Buffer } from 'node:buffer';
import type { Item } from './attribute-value.ts';
import type { FormerRow } from './history-store.ts';
import { itemBytes } from './item-size.ts';
import { indexRowKeyOf } from './row-keys.ts';
import type { Row, RowKey } from './row-store.ts';
import type { Storage } from './storage.ts';
import { type IndexRecord, indexImage, type TableRecord } from './table-schema.ts';

/** What one change of an item wrote in one partition of an index. */
export interface IndexWrite {
  readonly index: IndexRecord;
  readonly partition: Buffer;
  /** Write units. */
  readonly units: number;
}

export interface ItemImages {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

interface Entry {
  readonly key: RowKey;
  readonly row: Row;
}

const WRITE_UNIT_BYTES = 1024;

const sameKey = (left: RowKey, right: RowKey): boolean =>
  left.partition.equals(right.partition) && left.sort.equals(right.sort) && left.base.equals(right.base);

const entryOf = (item: Item | undefined, index: IndexRecord, table: TableRecord): Entry | undefined => {
  const image = item && indexImage(item, index, table.keys);
  if (image === undefined) return undefined;
  return {
    key: indexRowKeyOf(image, index.keys, table.keys),
    row: { item: JSON.stringify(image), bytes: itemBytes(image) },
  };
};

type Note = (storageId: string, former: FormerRow) => void;

const unitsOf = ({ row }: Entry): number => Math.ceil(row.bytes / WRITE_UNIT_BYTES);

/** Brings a table's indexes in line with a change of one item; `note` is told what stood in each row that changes. */
export const writeIndexes = (
  storage: Storage,
  table: TableRecord,
  { before, after }: ItemImages,
  note: Note,
): readonly IndexWrite[] => {
  const writes: IndexWrite[] = [];
  for (const index of table.indexes) {
    const old = entryOf(before, index, table);
    const next = entryOf(after, index, table);
    if (old?.row.item === next?.row.item) continue;
    const rows = storage.rows(index.storageId);
    const stays = old !== undefined && next !== undefined && sameKey(old.key, next.key);
    if (old && !stays) {
      rows.delete(old.key);
      note(index.storageId, { key: old.key, before: old.row });
      writes.push({ index, partition: old.key.partition, units: unitsOf(old) });
    }
    if (next) {
      rows.put(next.key, next.row);
      note(index.storageId, { key: next.key, before: stays ? old.row : undefined });
      writes.push({ index, partition: next.key.partition, units: unitsOf(next) });
    }
  }
  return writes;
};
