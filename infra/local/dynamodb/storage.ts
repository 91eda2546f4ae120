import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createHistoryStore, type HistoryStore } from './history-store.ts';
import { createRows, dropRows, openRows, type RowStore } from './row-store.ts';
import { createStreamStore, type StreamStore } from './streams/stream-store.ts';
import type { TableRecord } from './table-schema.ts';

/** A request of a transaction that was already carried out, kept for its idempotency window. */
interface SpentToken {
  readonly requestDigest: string;
  readonly expiresAtMs: number;
}

interface ExpiringRow {
  readonly storageId: string;
  /** Key of the item as JSON. */
  readonly key: string;
  readonly expiresAtSeconds: number;
}

/** Everything on disk: the catalogue of tables, their rows, and what expires when. Synchronous, hence one writer. */
export interface Storage {
  readonly streams: StreamStore;
  readonly history: HistoryStore;
  /** Runs the work as one commit; an exception undoes all of it. Does not nest. */
  transaction<T>(work: () => T): T;
  loadTables(): readonly TableRecord[];
  saveTable(record: TableRecord): void;
  removeTable(name: string): void;
  createRows(storageId: string): void;
  dropRows(storageId: string): void;
  rows(storageId: string): RowStore;
  /** Of a request that is not forgotten at that instant. */
  spentToken(token: string, atMs: number): SpentToken | undefined;
  spendToken(token: string, spent: SpentToken): void;
  /** Takes away what is expired, about once a minute of that time: until then it is only not found. */
  forgetTokens(expiredAtMs: number): void;
  setExpiry(row: ExpiringRow): void;
  clearExpiry(storageId: string, key: string): void;
  clearExpiries(storageId: string): void;
  /** Due rows, earliest first. */
  expired(atSeconds: number, limit: number): readonly ExpiringRow[];
  nextExpiry(): number | undefined;
  close(): void;
}

const FORGET_EVERY_MS = 60_000;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA cache_size = -65536;
  CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, request_digest TEXT NOT NULL, expires_at_ms INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS expiries (
    storage_id TEXT, key TEXT, expires_at INTEGER NOT NULL, PRIMARY KEY (storage_id, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS expiries_by_time ON expiries (expires_at);
`;

/**
 * Opens the database; `:memory:` keeps it there. A commit is in the operating system's hands when it returns: it survives
 * the end of this process at any instant, not a power cut, which is what a laptop's cloud owes.
 */
export const openStorage = (file: string): Storage => {
  if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  database.exec(SCHEMA);
  const opened = new Map<string, RowStore>();
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const tables = database.prepare('SELECT record FROM tables');
  const saveTable = database.prepare('INSERT OR REPLACE INTO tables (name, record) VALUES (?, ?)');
  const removeTable = database.prepare('DELETE FROM tables WHERE name = ?');
  const token = database.prepare(
    'SELECT request_digest AS requestDigest, expires_at_ms AS expiresAtMs FROM tokens WHERE token = ? AND expires_at_ms > ?',
  );
  const saveToken = database.prepare('INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)');
  const forgetTokens = database.prepare('DELETE FROM tokens WHERE expires_at_ms <= ?');
  const setExpiry = database.prepare('INSERT OR REPLACE INTO expiries (storage_id, key, expires_at) VALUES (?, ?, ?)');
  const clearExpiry = database.prepare('DELETE FROM expiries WHERE storage_id = ? AND key = ?');
  const clearExpiries = database.prepare('DELETE FROM expiries WHERE storage_id = ?');
  const expired = database.prepare(
    `SELECT storage_id AS storageId, key, expires_at AS expiresAtSeconds FROM expiries
     WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`,
  );
  const nextExpiry = database.prepare('SELECT min(expires_at) AS next FROM expiries');
  let forgottenAtMs = Number.NEGATIVE_INFINITY;
  // Asked after every request: remembered until an expiry changes.
  let next: { readonly seconds: number | undefined } | undefined;

  return {
    streams: createStreamStore(database),
    history: createHistoryStore(database),
    transaction: (work) => {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        rollback.run();
        next = undefined;
        throw error;
      }
    },
    loadTables: () => tables.all().map((row) => JSON.parse(String(row.record)) as TableRecord),
    saveTable: (record) => void saveTable.run(record.name, JSON.stringify(record)),
    removeTable: (name) => void removeTable.run(name),
    createRows: (storageId) => createRows(database, storageId),
    dropRows: (storageId) => {
      opened.delete(storageId);
      dropRows(database, storageId);
    },
    rows: (storageId) => {
      const rows = opened.get(storageId) ?? openRows(database, storageId);
      opened.set(storageId, rows);
      return rows;
    },
    spentToken: (name, atMs) => token.get(name, atMs) as unknown as SpentToken | undefined,
    spendToken: (name, { requestDigest, expiresAtMs }) => void saveToken.run(name, requestDigest, expiresAtMs),
    forgetTokens: (expiredAtMs) => {
      // Looks at every token: at each transaction it would cost more than the transaction.
      if (expiredAtMs - forgottenAtMs < FORGET_EVERY_MS) return;
      forgottenAtMs = expiredAtMs;
      forgetTokens.run(expiredAtMs);
    },
    setExpiry: ({ storageId, key, expiresAtSeconds }) => {
      setExpiry.run(storageId, key, expiresAtSeconds);
      next = undefined;
    },
    clearExpiry: (storageId, key) => {
      clearExpiry.run(storageId, key);
      next = undefined;
    },
    clearExpiries: (storageId) => {
      clearExpiries.run(storageId);
      next = undefined;
    },
    expired: (atSeconds, limit) => expired.all(atSeconds, limit) as unknown as readonly ExpiringRow[],
    nextExpiry: () => {
      if (next === undefined) {
        const seconds = nextExpiry.get()?.next;
        next = { seconds: seconds == null ? undefined : Number(seconds) };
      }
      return next.seconds;
    },
    close: () => database.close(),
  };
};
