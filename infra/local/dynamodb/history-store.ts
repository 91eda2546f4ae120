import { Buffer } from 'node:buffer';
import type { DatabaseSync } from 'node:sqlite';
import type { Row, RowKey } from './row-store.ts';

/** What an item was before one change; undefined when there was none. */
export interface FormerRow {
  readonly key: RowKey;
  readonly before: Row | undefined;
}

/**
 * What point-in-time recovery keeps: every change's former item. The table of any instant is the table of now, with the
 * earliest change of each key since then undone.
 */
export interface HistoryStore {
  append(storageId: string, former: FormerRow, atMs: number): void;
  /** Changes made after an instant, oldest first. */
  since(storageId: string, afterMs: number): readonly FormerRow[];
  /** Forgets a table's changes up to an instant. */
  trim(storageId: string, untilMs: number): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY, storage_id TEXT NOT NULL, at_ms INTEGER NOT NULL,
    partition BLOB NOT NULL, sort BLOB NOT NULL, base BLOB NOT NULL, item TEXT, bytes INTEGER);
  CREATE INDEX IF NOT EXISTS history_by_time ON history (storage_id, at_ms);
`;

type StoredRow = RowKey & { readonly item: string | null; readonly bytes: number };

const formerOf = ({ item, bytes, ...key }: StoredRow): FormerRow => ({
  key: { partition: Buffer.from(key.partition), sort: Buffer.from(key.sort), base: Buffer.from(key.base) },
  before: item === null ? undefined : { item, bytes },
});

export const createHistoryStore = (database: DatabaseSync): HistoryStore => {
  database.exec(SCHEMA);
  const append = database.prepare(
    'INSERT INTO history (storage_id, at_ms, partition, sort, base, item, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const since = database.prepare(
    'SELECT partition, sort, base, item, bytes FROM history WHERE storage_id = ? AND at_ms > ? ORDER BY id',
  );
  const trim = database.prepare('DELETE FROM history WHERE storage_id = ? AND at_ms <= ?');
  return {
    append: (storageId, { key, before }, atMs) => {
      append.run(storageId, atMs, key.partition, key.sort, key.base, before?.item ?? null, before?.bytes ?? 0);
    },
    since: (storageId, afterMs) => (since.all(storageId, afterMs) as unknown as readonly StoredRow[]).map(formerOf),
    trim: (storageId, untilMs) => void trim.run(storageId, untilMs),
  };
};
