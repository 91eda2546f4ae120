import type { DatabaseSync } from 'node:sqlite';
import type { BlobUses } from './object-store.ts';
import type { PartRecord, UploadRecord } from './records.ts';

/** Multipart uploads that are under way. */
export interface UploadStore {
  create(upload: UploadRecord): void;
  find(uploadId: string): UploadRecord | undefined;
  list(bucket: string): readonly UploadRecord[];
  putPart(uploadId: string, part: PartRecord): void;
  /** By part number. */
  parts(uploadId: string): readonly PartRecord[];
  /** Forgets the upload and gives up the bytes of its parts. */
  remove(uploadId: string): void;
  /** Remembers what an upload became: who lost the answer may ask again. */
  complete(upload: UploadRecord, versionId: string): void;
  /** The version that a completed upload became. */
  completed(uploadId: string): CompletedUpload | undefined;
}

interface CompletedUpload {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS uploads_by_key ON uploads (bucket, key, upload_id);
  CREATE TABLE IF NOT EXISTS parts (
    upload_id TEXT, part_number INTEGER, record TEXT NOT NULL, PRIMARY KEY (upload_id, part_number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS completed_uploads (
    upload_id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, version_id TEXT NOT NULL) WITHOUT ROWID;
`;

export const createUploadStore = (database: DatabaseSync, uses: BlobUses): UploadStore => {
  database.exec(SCHEMA);
  const insert = database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?)');
  const one = database.prepare('SELECT record FROM uploads WHERE upload_id = ?');
  const byBucket = database.prepare('SELECT record FROM uploads WHERE bucket = ? ORDER BY key, upload_id');
  const part = database.prepare('SELECT record FROM parts WHERE upload_id = ? AND part_number = ?');
  const savePart = database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?)');
  const allParts = database.prepare('SELECT record FROM parts WHERE upload_id = ? ORDER BY part_number');
  const removeParts = database.prepare('DELETE FROM parts WHERE upload_id = ?');
  const complete = database.prepare('INSERT INTO completed_uploads VALUES (?, ?, ?, ?)');
  const completed = database.prepare(
    'SELECT bucket, key, version_id AS versionId FROM completed_uploads WHERE upload_id = ?',
  );
  const removeUpload = database.prepare('DELETE FROM uploads WHERE upload_id = ?');

  const parts = (uploadId: string): readonly PartRecord[] =>
    allParts.all(uploadId).map((row) => JSON.parse(String(row.record)) as PartRecord);

  const remove = (uploadId: string): void => {
    uses.release(parts(uploadId).map(({ segment }) => segment));
    removeParts.run(uploadId);
    removeUpload.run(uploadId);
  };

  return {
    create: (upload) => void insert.run(upload.uploadId, upload.bucket, upload.key, JSON.stringify(upload)),
    find: (uploadId) => {
      const row = one.get(uploadId);
      return row && (JSON.parse(String(row.record)) as UploadRecord);
    },
    list: (bucket) => byBucket.all(bucket).map((row) => JSON.parse(String(row.record)) as UploadRecord),
    putPart: (uploadId, record) => {
      const replaced = part.get(uploadId, record.partNumber);
      uses.use([record.segment]);
      if (replaced) uses.release([(JSON.parse(String(replaced.record)) as PartRecord).segment]);
      savePart.run(uploadId, record.partNumber, JSON.stringify(record));
    },
    parts,
    remove,
    complete: ({ uploadId, bucket, key }, versionId) => {
      remove(uploadId);
      complete.run(uploadId, bucket, key, versionId);
    },
    completed: (uploadId) => completed.get(uploadId) as unknown as CompletedUpload | undefined,
  };
};
