import type { DatabaseSync } from 'node:sqlite';
import type { KeySchema } from '../table-schema.ts';
import { type ChangeRecord, type StreamViewType, sequenceNumberOf, type UnplacedRecord } from './stream-record.ts';
import type { PlacedRecord } from './table-stream.ts';

/** A stream outlives being disabled, and its table, by 24 hours. */
export interface StoredStream {
  readonly arn: string;
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly keys: KeySchema;
  readonly createdAtMs: number;
  readonly closedAtMs?: number;
}

/** Streams and their records, in the database of the tables: a record is committed with the item that it tells of. */
export interface StreamStore {
  find(arn: string): StoredStream | undefined;
  /** By ARN. */
  list(): readonly StoredStream[];
  save(stream: StoredStream): void;
  append(arn: string, record: UnplacedRecord, atMs: number): void;
  /** Records behind a position (0: from the oldest). */
  read(arn: string, afterPosition: number, limit: number): readonly PlacedRecord[];
  /** Positions of the oldest and the newest record that are kept, and of the newest there ever was. */
  ends(arn: string): { readonly oldest: number | undefined; readonly newest: number };
  /** Forgets records made before an instant, and closed streams that hold none any more. */
  trim(beforeMs: number): void;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS streams (arn TEXT PRIMARY KEY, stream TEXT NOT NULL, newest INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS stream_records (
    arn TEXT, position INTEGER, at_ms INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (arn, position)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS stream_records_by_time ON stream_records (at_ms);
`;

const placed = (row: Record<string, unknown>): PlacedRecord => {
  const sequenceNumber = sequenceNumberOf(Number(row.position));
  const record = JSON.parse(String(row.record)) as UnplacedRecord;
  return {
    sequenceNumber,
    createdAtMs: Number(row.at_ms),
    record: { ...record, dynamodb: { ...record.dynamodb, SequenceNumber: sequenceNumber } } satisfies ChangeRecord,
  };
};

export const createStreamStore = (database: DatabaseSync): StreamStore => {
  database.exec(SCHEMA);
  const find = database.prepare('SELECT stream FROM streams WHERE arn = ?');
  const list = database.prepare('SELECT stream FROM streams ORDER BY arn');
  const save = database.prepare(
    'INSERT INTO streams (arn, stream, newest) VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET stream = excluded.stream',
  );
  const advance = database.prepare('UPDATE streams SET newest = newest + 1 WHERE arn = ? RETURNING newest');
  const append = database.prepare('INSERT INTO stream_records (arn, position, at_ms, record) VALUES (?, ?, ?, ?)');
  const read = database.prepare(
    'SELECT position, at_ms, record FROM stream_records WHERE arn = ? AND position > ? ORDER BY position LIMIT ?',
  );
  const oldest = database.prepare('SELECT min(position) AS position FROM stream_records WHERE arn = ?');
  const newest = database.prepare('SELECT newest FROM streams WHERE arn = ?');
  const trimRecords = database.prepare('DELETE FROM stream_records WHERE at_ms < ?');
  const trimStreams = database.prepare(
    `DELETE FROM streams WHERE json_extract(stream, '$.closedAtMs') < ?
     AND NOT EXISTS (SELECT 1 FROM stream_records WHERE stream_records.arn = streams.arn)`,
  );
  const parse = (row: Record<string, unknown>): StoredStream => JSON.parse(String(row.stream)) as StoredStream;
  return {
    find: (arn) => {
      const row = find.get(arn);
      return row && parse(row);
    },
    list: () => list.all().map(parse),
    save: (stream) => void save.run(stream.arn, JSON.stringify(stream)),
    append: (arn, record, atMs) => {
      const position = Number(advance.get(arn)?.newest);
      append.run(arn, position, atMs, JSON.stringify(record));
    },
    read: (arn, afterPosition, limit) => read.all(arn, afterPosition, limit).map(placed),
    ends: (arn) => {
      const first = oldest.get(arn)?.position;
      return { oldest: first == null ? undefined : Number(first), newest: Number(newest.get(arn)?.newest ?? 0) };
    },
    trim: (beforeMs) => {
      trimRecords.run(beforeMs);
      trimStreams.run(beforeMs);
    },
  };
};
