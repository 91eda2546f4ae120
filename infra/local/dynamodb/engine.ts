import { type CloudIdentity, type FaultSource, type IdSource, NO_FAULTS } from '../contracts.ts';
import type { Item } from './attribute-value.ts';
import { type CapacityMeter, createCapacityMeter } from './capacity-meter.ts';
import { tableNotFound } from './errors.ts';
import { expirySeconds } from './expiry.ts';
import { type RowReader, rowsAsTheyWere } from './former-rows.ts';
import type { FormerRow } from './history-store.ts';
import { itemBytes } from './item-size.ts';
import { createRecentChanges, MAX_STALE_MS, type RecentChange } from './recent-changes.ts';
import { createRetention } from './retention.ts';
import { rowKeyOf } from './row-keys.ts';
import type { Row } from './row-store.ts';
import type { Storage } from './storage.ts';
import { createStreamWriter } from './streams/stream-writer.ts';
import type { IndexRecord, TableRecord } from './table-schema.ts';
import { type IndexWrite, type ItemImages, writeIndexes } from './write-indexes.ts';

interface StoredItem {
  readonly item: Item;
  /** As it lies on disk. */
  readonly row: Row;
}

export interface ItemChange extends ItemImages {
  readonly key: Item;
  /** `before` as it lies on disk, where who writes has read it: recovery keeps it without writing it out again. */
  readonly formerRow?: Row | undefined;
  /** TTL's own deletions are told apart in streams. */
  readonly byTimeToLive?: boolean;
}

/** A table, or one of its indexes. */
export interface ReadSource {
  readonly table: TableRecord;
  readonly index?: IndexRecord | undefined;
}

/**
 * Tables and items. Everything is synchronous: a request's reads, conditions and writes happen in one turn, so nothing
 * comes between a condition and the write that it guards.
 */
export interface Engine {
  readonly identity: CloudIdentity;
  readonly storage: Storage;
  readonly ids: IdSource;
  readonly meter: CapacityMeter;
  nowMs(): number;
  tables(): readonly TableRecord[];
  findTable(name: string): TableRecord | undefined;
  /** @throws AwsError ResourceNotFoundException */
  table(name: string): TableRecord;
  /** Only inside `transaction`. */
  saveTable(record: TableRecord): void;
  /** Only inside `transaction`. */
  removeTable(record: TableRecord): void;
  read(table: TableRecord, key: Item): StoredItem | undefined;
  /** Rows as a read may see them: those of now when consistent, else as old as the faults of this run have it. */
  reader(source: ReadSource, consistent: boolean): RowReader;
  /** Replaces an item (undefined: absent) in the table and its indexes. Only inside `transaction`. */
  write(table: TableRecord, change: ItemChange): readonly IndexWrite[];
  /** All writes inside are committed together or not at all, with their stream records and history. */
  transaction<T>(work: () => T): T;
  /** Told, after the commit, that a stream has new records. Answers how to stop listening. */
  onRecords(streamArn: string, listener: () => void): () => void;
}

export interface EngineOptions {
  readonly storage: Storage;
  readonly identity: CloudIdentity;
  readonly nowMs: () => number;
  readonly ids: IdSource;
  /** How old eventually consistent reads may be. @default they never are */
  readonly faults?: FaultSource;
  /** @default as AWS throttles */
  readonly meter?: CapacityMeter;
}

const writeExpiry = (storage: Storage, table: TableRecord, { key, after }: ItemChange): void => {
  if (table.ttlAttribute === undefined) return;
  const expiresAtSeconds = after && expirySeconds(after, table.ttlAttribute);
  const json = JSON.stringify(key);
  if (expiresAtSeconds === undefined) storage.clearExpiry(table.storageId, json);
  else storage.setExpiry({ storageId: table.storageId, key: json, expiresAtSeconds });
};

/** The tables there are, in memory and on disk. A rolled-back transaction takes its changes back here too. */
const createCatalogue = (storage: Storage) => {
  let tables: ReadonlyMap<string, TableRecord> = new Map(storage.loadTables().map((record) => [record.name, record]));
  return {
    tables: () => [...tables.values()],
    find: (name: string) => tables.get(name),
    save: (record: TableRecord) => {
      storage.saveTable(record);
      tables = new Map([...tables, [record.name, record]]);
    },
    remove: (record: TableRecord) => {
      for (const { storageId } of [record, ...record.indexes]) storage.dropRows(storageId);
      storage.clearExpiries(record.storageId);
      storage.history.trim(record.storageId, Number.MAX_SAFE_INTEGER);
      storage.removeTable(record.name);
      tables = new Map([...tables].filter(([name]) => name !== record.name));
    },
    snapshot: () => tables,
    restore: (snapshot: ReadonlyMap<string, TableRecord>) => {
      tables = snapshot;
    },
  };
};

export const createEngine = (options: EngineOptions): Engine => {
  const { storage, identity, nowMs, ids, faults = NO_FAULTS } = options;
  const catalogue = createCatalogue(storage);
  const streams = createStreamWriter({ storage, identity, nowMs, ids });
  const tidy = createRetention({ storage, nowMs, tables: catalogue.tables });
  const recent = createRecentChanges(nowMs);
  // What no read will ever ask for is not kept.
  const noted = faults !== NO_FAULTS;
  let pending: RecentChange[] = [];

  // A state kept by an earlier version has streams that nobody wrote down.
  for (const table of catalogue.tables()) streams.follow(undefined, table);

  const note = (storageId: string, former: FormerRow): void => {
    if (noted) pending.push({ storageId, former, atMs: nowMs() });
  };

  const write: Engine['write'] = (table, change) => {
    const { key, before, after } = change;
    const rows = storage.rows(table.storageId);
    const rowKey = rowKeyOf(key, table.keys);
    if (after) rows.put(rowKey, { item: JSON.stringify(after), bytes: itemBytes(after) });
    else rows.delete(rowKey);
    if (noted || table.recovery) {
      const formerRow = change.formerRow ?? (before && { item: JSON.stringify(before), bytes: itemBytes(before) });
      const former = { key: rowKey, before: formerRow };
      note(table.storageId, former);
      if (table.recovery) storage.history.append(table.storageId, former, nowMs());
    }
    writeExpiry(storage, table, change);
    if (table.stream) streams.append(table, change);
    return writeIndexes(storage, table, change, note);
  };

  const reader: Engine['reader'] = ({ table, index }, consistent) => {
    const { storageId } = index ?? table;
    const rows = storage.rows(storageId);
    if (consistent || !noted) return rows;
    const site = { service: 'dynamodb' as const, table: table.name, ...(index ? { index: index.name } : {}) };
    const staleMs = Math.min(MAX_STALE_MS, faults.staleMs(site));
    return staleMs > 0 ? rowsAsTheyWere(rows, recent.since(storageId, nowMs() - staleMs)) : rows;
  };

  const transaction: Engine['transaction'] = (work) => {
    const standing = catalogue.snapshot();
    pending = [];
    try {
      const result = storage.transaction(() => {
        tidy();
        return work();
      });
      recent.note(pending);
      streams.committed();
      return result;
    } catch (error) {
      catalogue.restore(standing);
      streams.rolledBack();
      throw error;
    }
  };

  return {
    identity,
    storage,
    ids,
    meter: options.meter ?? createCapacityMeter(identity, nowMs),
    nowMs,
    tables: catalogue.tables,
    findTable: catalogue.find,
    table: (name) => {
      const record = catalogue.find(name);
      if (record === undefined) throw tableNotFound();
      return record;
    },
    saveTable: (record) => {
      streams.follow(catalogue.find(record.name), record);
      catalogue.save(record);
    },
    removeTable: (record) => {
      streams.follow(record, undefined);
      catalogue.remove(record);
    },
    read: (table, key) => {
      const row = storage.rows(table.storageId).get(rowKeyOf(key, table.keys));
      return row && { item: JSON.parse(row.item) as Item, row };
    },
    reader,
    write,
    transaction,
    onRecords: streams.onRecords,
  };
};
