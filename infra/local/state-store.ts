import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DocumentTable, StateStore } from './contracts.ts';

export interface OpenStateStore extends StateStore {
  close(): void;
}

export interface StateStoreOptions {
  /** Created when absent. */
  readonly folder: string;
  /** Keeps the documents in memory only; services may still write files under `folder`. */
  readonly inMemory?: boolean;
}

const MAX_READ_DOCUMENTS = 4_096;

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
  return value;
};

/**
 * Documents that were read, parsed, for the next who asks: the same few are asked for at every request. They are frozen,
 * since readers share them. Only this process writes the file, so nothing else can make them stale.
 */
const createReadCache = () => {
  const documents = new Map<string, Map<string, unknown>>();
  let size = 0;
  const clear = (): void => {
    documents.clear();
    size = 0;
  };
  return {
    get: <T>(name: string, key: string, read: () => T | undefined): T | undefined => {
      const known = documents.get(name);
      if (known?.has(key)) return known.get(key) as T | undefined;
      const value = freeze(read());
      if (size >= MAX_READ_DOCUMENTS) clear();
      const named = documents.get(name) ?? new Map<string, unknown>();
      documents.set(name, named.set(key, value));
      size += 1;
      return value;
    },
    forget: (name: string, key: string): void => {
      if (documents.get(name)?.delete(key)) size -= 1;
    },
    clear,
  };
};

/** The state of the embedded cloud: one SQLite file, `<folder>/cloud.sqlite`. */
export const openStateStore = ({ folder, inMemory = false }: StateStoreOptions): OpenStateStore => {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(inMemory ? ':memory:' : join(folder, 'cloud.sqlite'));
  // A commit in WAL mode is in the operating system's hands, which is enough to survive the death of this process;
  // only a power cut could lose the last ones, and the price of an fsync per put is too high for a laptop's cloud.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
  database.exec(
    'CREATE TABLE IF NOT EXISTS documents (name TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID',
  );
  const select = database.prepare('SELECT value FROM documents WHERE name = ? AND key = ?');
  const upsert = database.prepare(
    'INSERT INTO documents (name, key, value) VALUES (?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM documents WHERE name = ? AND key = ?');
  const list = database.prepare('SELECT key, value FROM documents WHERE name = ? ORDER BY key');
  const listPrefix = database.prepare(
    'SELECT key, value FROM documents WHERE name = ? AND key >= ? AND substr(key, 1, length(?)) = ? ORDER BY key',
  );
  let depth = 0;
  const read = createReadCache();

  const table = <T>(name: string): DocumentTable<T> => ({
    get: (key) =>
      read.get(name, key, () => {
        const row = select.get(name, key);
        return row === undefined ? undefined : (JSON.parse(String(row.value)) as T);
      }),
    put: (key, value) => {
      if (value === undefined) throw new Error(`document ${name}/${key} must be JSON, got undefined`);
      read.forget(name, key);
      upsert.run(name, key, JSON.stringify(value));
    },
    delete: (key) => {
      read.forget(name, key);
      remove.run(name, key);
    },
    entries: (prefix = '') => {
      const rows = prefix === '' ? list.all(name) : listPrefix.all(name, prefix, prefix, prefix);
      return rows.map((row) => [String(row.key), JSON.parse(String(row.value)) as T] as const);
    },
  });

  const transaction = <T>(work: () => T): T => {
    // Savepoints nest: an inner failure that its caller catches undoes the inner part only.
    const savepoint = `level_${depth}`;
    database.exec(`SAVEPOINT ${savepoint}`);
    depth += 1;
    try {
      const result = work();
      database.exec(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      database.exec(`ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      // What was read inside may never have been.
      read.clear();
      throw error;
    } finally {
      depth -= 1;
    }
  };

  return { folder, table, transaction, close: () => database.close() };
};
