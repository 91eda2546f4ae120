import { Buffer } from 'node:buffer';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { IdSource } from '../contracts.ts';
import type { BlobStore } from './blob-store.ts';
import { createEventOutbox, type EventOutbox } from './event-outbox.ts';
import type { BucketRecord, ObjectRecord, Segment, VersionRecord } from './records.ts';
import { createUploadStore, type UploadStore } from './upload-store.ts';
import { newVersionId } from './version-id.ts';

interface NewVersion {
  readonly bucket: string;
  readonly key: string;
  /** `null` replaces the key's null version, `unique` adds one. */
  readonly versionId: 'null' | 'unique';
  readonly object: ObjectRecord | undefined;
  readonly modifiedAtMs: number;
}

interface ListRange {
  readonly prefix: string;
  /** Exclusive. */
  readonly afterKey: string;
  readonly limit: number;
}

/** Buckets and versions, with the bytes that they refer to. Synchronous. */
export interface ObjectStore {
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly outbox: EventOutbox;
  /** One commit; blobs that nothing refers to any more are removed after it. Does not nest. */
  transaction<T>(work: () => T): T;
  bucket(name: string): BucketRecord | undefined;
  buckets(): readonly BucketRecord[];
  saveBucket(bucket: BucketRecord): void;
  removeBucket(name: string): void;
  isEmpty(bucket: string): boolean;
  /** The newest version, be it a delete marker. */
  latest(bucket: string, key: string): VersionRecord | undefined;
  version(bucket: string, key: string, versionId: string): VersionRecord | undefined;
  /** Adds a version on top. */
  addVersion(version: NewVersion): VersionRecord;
  /** Replaces what is said of an object, not its bytes. */
  updateObject(version: VersionRecord, object: ObjectRecord): void;
  removeVersion(version: VersionRecord): void;
  /** Objects as they are now, by key. */
  listObjects(bucket: string, range: ListRange): readonly VersionRecord[];
  /** All versions by key, newest first; `beforeSequence` goes on within `afterKey`. */
  listVersions(bucket: string, range: ListRange & { readonly beforeSequence?: number }): readonly VersionRecord[];
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS versions (
    bucket TEXT, key TEXT, sequence INTEGER, version_id TEXT NOT NULL, latest INTEGER NOT NULL, marker INTEGER NOT NULL,
    modified_at INTEGER NOT NULL, object TEXT, PRIMARY KEY (bucket, key, sequence)) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_id ON versions (bucket, key, version_id);
  CREATE INDEX IF NOT EXISTS current_objects ON versions (bucket, key) WHERE latest = 1 AND marker = 0;
  CREATE TABLE IF NOT EXISTS blobs (blob TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT OR IGNORE INTO counters VALUES ('sequence', 0);
`;

const COLUMNS = 'bucket, key, sequence, version_id, latest, modified_at, object';

type Row = Readonly<Record<string, unknown>>;

const versionOf = (row: Row): VersionRecord => ({
  bucket: String(row.bucket),
  key: String(row.key),
  versionId: String(row.version_id),
  sequence: Number(row.sequence),
  latest: row.latest === 1,
  object: row.object === null ? undefined : (JSON.parse(String(row.object)) as ObjectRecord),
  modifiedAtMs: Number(row.modified_at),
});

const firstVersion = (statement: StatementSync, ...parameters: string[]): VersionRecord | undefined => {
  const row = statement.get(...parameters);
  return row && versionOf(row);
};

/** Counts who refers to which blob; answers the blobs to remove when asked after the commit. */
const createBlobUses = (database: DatabaseSync) => {
  const use = database.prepare('INSERT INTO blobs VALUES (?, 1) ON CONFLICT DO UPDATE SET uses = uses + 1');
  const release = database.prepare('UPDATE blobs SET uses = uses - 1 WHERE blob = ? RETURNING uses');
  const forget = database.prepare('DELETE FROM blobs WHERE blob = ? AND uses <= 0');
  const isUsed = database.prepare('SELECT 1 FROM blobs WHERE blob = ?');
  let released = new Set<string>();
  return {
    use: (segments: readonly Segment[]): void => {
      for (const { blob } of segments) use.run(blob);
    },
    release: (segments: readonly Segment[]): void => {
      for (const { blob } of segments) {
        release.get(blob);
        released.add(blob);
      }
    },
    /** Inside the commit. */
    forgetUnused: (): void => {
      for (const blob of released) forget.run(blob);
    },
    takeUnused: (): readonly string[] => {
      const unused = [...released].filter((blob) => isUsed.get(blob) === undefined);
      released = new Set();
      return unused;
    },
  };
};

export type BlobUses = ReturnType<typeof createBlobUses>;

const createTransaction =
  (database: DatabaseSync, uses: BlobUses, blobs: BlobStore): ObjectStore['transaction'] =>
  (work) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      uses.forgetUnused();
      database.exec('COMMIT');
      for (const blob of uses.takeUnused()) blobs.remove(blob);
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      uses.takeUnused();
      throw error;
    }
  };

/** Texts of buckets. */
const MOST_PARSED = 64;

const createBuckets = (database: DatabaseSync) => {
  const one = database.prepare('SELECT record FROM buckets WHERE name = ?');
  const all = database.prepare('SELECT record FROM buckets ORDER BY name');
  const save = database.prepare('INSERT OR REPLACE INTO buckets VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM buckets WHERE name = ?');
  const anyVersion = database.prepare('SELECT 1 FROM versions WHERE bucket = ? LIMIT 1');
  const parsed = new Map<string, BucketRecord>();
  /** Every request asks for its bucket, which hardly ever changes. */
  const parse = ({ record }: Row): BucketRecord => {
    const text = String(record);
    const standing = parsed.get(text);
    if (standing !== undefined) return standing;
    const bucket = JSON.parse(text) as BucketRecord;
    if (parsed.size >= MOST_PARSED) parsed.clear();
    parsed.set(text, bucket);
    return bucket;
  };
  return {
    bucket: (name: string) => {
      const row = one.get(name);
      return row && parse(row);
    },
    buckets: () => all.all().map(parse),
    saveBucket: (bucket: BucketRecord) => void save.run(bucket.name, JSON.stringify(bucket)),
    removeBucket: (name: string) => void remove.run(name),
    isEmpty: (bucket: string) => anyVersion.get(bucket) === undefined,
  };
};

const createVersions = (database: DatabaseSync, uses: BlobUses, ids: IdSource) => {
  const byId = database.prepare(`SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND version_id = ?`);
  const newest = database.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1`,
  );
  const count = database.prepare("UPDATE counters SET value = value + 1 WHERE name = 'sequence' RETURNING value");
  const demote = database.prepare('UPDATE versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1');
  const promote = database.prepare('UPDATE versions SET latest = 1 WHERE bucket = ? AND key = ? AND sequence = ?');
  const insert = database.prepare(
    `INSERT INTO versions (bucket, key, sequence, version_id, latest, marker, modified_at, object)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?)`,
  );
  const update = database.prepare('UPDATE versions SET object = ? WHERE bucket = ? AND key = ? AND sequence = ?');
  const remove = database.prepare('DELETE FROM versions WHERE bucket = ? AND key = ? AND sequence = ?');

  const latest = (bucket: string, key: string): VersionRecord | undefined => firstVersion(newest, bucket, key);
  const version = (bucket: string, key: string, versionId: string): VersionRecord | undefined =>
    firstVersion(byId, bucket, key, versionId);

  const removeVersion = ({ bucket, key, sequence, object }: VersionRecord): void => {
    remove.run(bucket, key, sequence);
    uses.release(object?.segments ?? []);
    const top = latest(bucket, key);
    if (top && !top.latest) promote.run(bucket, key, top.sequence);
  };

  return {
    latest,
    version,
    removeVersion,
    addVersion: ({ bucket, key, versionId: kind, object, modifiedAtMs }: NewVersion): VersionRecord => {
      const sequence = Number(count.get()?.value);
      const versionId = kind === 'null' ? kind : newVersionId(sequence, ids);
      const replaced = version(bucket, key, versionId);
      // Taken into use first, so that the same bytes written again are not given up in between.
      uses.use(object?.segments ?? []);
      if (replaced) removeVersion(replaced);
      demote.run(bucket, key);
      const json = object === undefined ? null : JSON.stringify(object);
      insert.run(bucket, key, sequence, versionId, object === undefined ? 1 : 0, modifiedAtMs, json);
      return { bucket, key, versionId, sequence, latest: true, object, modifiedAtMs };
    },
    updateObject: ({ bucket, key, sequence }: VersionRecord, object: ObjectRecord) =>
      void update.run(JSON.stringify(object), bucket, key, sequence),
  };
};

/** The later of two keys in the order of their bytes, where the index is entered; `+` keeps SQLite from entering elsewhere. */
const later = (left: string, right: string): string =>
  Buffer.compare(Buffer.from(left), Buffer.from(right)) > 0 ? left : right;

const createListings = (database: DatabaseSync): Pick<ObjectStore, 'listObjects' | 'listVersions'> => {
  const objects = database.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND latest = 1 AND marker = 0 AND key >= ? AND +key > ?
     ORDER BY key LIMIT ?`,
  );
  const versions = database.prepare(
    `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key >= ? AND (+key > ? OR (+key = ? AND sequence < ?))
     ORDER BY key, sequence DESC LIMIT ?`,
  );
  /** Rows come in the order of their keys, and none before the prefix: the first without it ends them. */
  const within = (rows: Iterable<Row>, prefix: string): readonly VersionRecord[] => {
    const found: VersionRecord[] = [];
    for (const row of rows) {
      if (!String(row.key).startsWith(prefix)) break;
      found.push(versionOf(row));
    }
    return found;
  };
  return {
    listObjects: (bucket, { prefix, afterKey, limit }) =>
      within(objects.iterate(bucket, later(prefix, afterKey), afterKey, limit), prefix),
    listVersions: (bucket, { prefix, afterKey, beforeSequence = 0, limit }) => {
      const rows = versions.iterate(bucket, later(prefix, afterKey), afterKey, afterKey, beforeSequence, limit);
      return within(rows, prefix);
    },
  };
};

export interface ObjectStoreOptions {
  /** `undefined` keeps everything in this process alone. */
  readonly folder: string | undefined;
  readonly blobs: BlobStore;
  readonly ids: IdSource;
}

export const openObjectStore = ({ folder, blobs, ids }: ObjectStoreOptions): ObjectStore => {
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(folder === undefined ? ':memory:' : join(folder, 'objects.sqlite'));
  database.exec(SCHEMA);
  const uses = createBlobUses(database);
  return {
    blobs,
    uploads: createUploadStore(database, uses),
    outbox: createEventOutbox(database),
    transaction: createTransaction(database, uses, blobs),
    ...createBuckets(database),
    ...createVersions(database, uses, ids),
    ...createListings(database),
    close: () => database.close(),
  };
};
