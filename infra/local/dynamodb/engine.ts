import type { CloudIdentity } from '../contracts.ts';
import type { Item } from './attribute-value.ts';
import { tableNotFound } from './errors.ts';
import { expirySeconds } from './expiry.ts';
import { itemBytes } from './item-size.ts';
import { rowKeyOf } from './row-keys.ts';
import type { Storage } from './storage.ts';
import type { TableRecord } from './table-schema.ts';
import { type IndexUnits, writeIndexes } from './write-indexes.ts';

interface StoredItem {
  readonly item: Item;
  readonly bytes: number;
}

/** One committed change of an item, as a table's stream would tell it. */
export interface ItemChange {
  readonly tableName: string;
  readonly key: Item;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly changedAtMs: number;
}

/**
 * Tables and items. Everything is synchronous: a request's reads, conditions and writes happen in one turn, so nothing
 * comes between a condition and the write that it guards.
 */
export interface Engine {
  readonly identity: CloudIdentity;
  readonly storage: Storage;
  nowMs(): number;
  tables(): readonly TableRecord[];
  findTable(name: string): TableRecord | undefined;
  /** @throws AwsError ResourceNotFoundException */
  table(name: string): TableRecord;
  saveTable(record: TableRecord): void;
  removeTable(record: TableRecord): void;
  read(table: TableRecord, key: Item): StoredItem | undefined;
  /** Replaces an item (undefined: absent) in the table and its indexes. Only inside `transaction`. */
  write(table: TableRecord, change: { key: Item; before: Item | undefined; after: Item | undefined }): IndexUnits;
  /** All writes inside are committed together or not at all; changes are told after the commit. */
  transaction<T>(work: () => T): T;
  /** The seam for streams: told of every committed change, in order. */
  onChange(listener: (change: ItemChange) => void): void;
}

export const createEngine = (options: {
  readonly storage: Storage;
  readonly identity: CloudIdentity;
  readonly nowMs: () => number;
}): Engine => {
  const { storage, identity, nowMs } = options;
  const tables = new Map(storage.loadTables().map((record) => [record.name, record]));
  const listeners: ((change: ItemChange) => void)[] = [];
  let pending: ItemChange[] = [];

  const writeExpiry = (table: TableRecord, key: Item, after: Item | undefined): void => {
    if (table.ttlAttribute === undefined) return;
    const expiresAtSeconds = after && expirySeconds(after, table.ttlAttribute);
    const json = JSON.stringify(key);
    if (expiresAtSeconds === undefined) storage.clearExpiry(table.storageId, json);
    else storage.setExpiry({ storageId: table.storageId, key: json, expiresAtSeconds });
  };

  const write: Engine['write'] = (table, { key, before, after }) => {
    const rows = storage.rows(table.storageId);
    const rowKey = rowKeyOf(key, table.keys);
    if (after) rows.put(rowKey, { item: JSON.stringify(after), bytes: itemBytes(after) });
    else rows.delete(rowKey);
    writeExpiry(table, key, after);
    if (listeners.length > 0) pending.push({ tableName: table.name, key, before, after, changedAtMs: nowMs() });
    return writeIndexes(storage, table, { before, after });
  };

  const findTable = (name: string): TableRecord | undefined => tables.get(name);

  return {
    identity,
    storage,
    nowMs,
    tables: () => [...tables.values()],
    findTable,
    table: (name) => {
      const record = findTable(name);
      if (record === undefined) throw tableNotFound();
      return record;
    },
    saveTable: (record) => {
      storage.saveTable(record);
      tables.set(record.name, record);
    },
    removeTable: (record) => {
      for (const { storageId } of [record, ...record.indexes]) storage.dropRows(storageId);
      storage.clearExpiries(record.storageId);
      storage.removeTable(record.name);
      tables.delete(record.name);
    },
    read: (table, key) => {
      const row = storage.rows(table.storageId).get(rowKeyOf(key, table.keys));
      return row && { item: JSON.parse(row.item) as Item, bytes: row.bytes };
    },
    write,
    transaction: (work) => {
      pending = [];
      const result = storage.transaction(work);
      const committed = pending;
      pending = [];
      for (const change of committed) for (const listener of listeners) listener(change);
      return result;
    },
    onChange: (listener) => void listeners.push(listener),
  };
};
