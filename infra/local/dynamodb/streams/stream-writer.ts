import type { CloudIdentity, IdSource } from '../../contracts.ts';
import { streamArn } from '../describe-table.ts';
import type { Storage } from '../storage.ts';
import type { TableRecord } from '../table-schema.ts';
import { changesNothing, recordOf, type StreamedChange } from './stream-record.ts';

/** Writes the streams of all tables, inside the transactions of their items. */
export interface StreamWriter {
  /** Opens and closes streams as the table's settings change. */
  follow(before: TableRecord | undefined, after: TableRecord | undefined): void;
  append(
    table: TableRecord,
    change: Omit<StreamedChange, 'atMs' | 'byTimeToLive'> & { readonly byTimeToLive?: boolean },
  ): void;
  /** The transaction is on disk: listeners are told. */
  committed(): void;
  rolledBack(): void;
  onRecords(arn: string, listener: () => void): () => void;
}

export const createStreamWriter = (options: {
  readonly storage: Storage;
  readonly identity: CloudIdentity;
  readonly nowMs: () => number;
  readonly ids: IdSource;
}): StreamWriter => {
  const { identity, nowMs, ids } = options;
  const { streams } = options.storage;
  const listeners = new Map<string, Set<() => void>>();
  let grown = new Set<string>();

  const close = (arn: string): void => {
    const stream = streams.find(arn);
    if (stream !== undefined && stream.closedAtMs === undefined) streams.save({ ...stream, closedAtMs: nowMs() });
  };

  return {
    follow: (before, after) => {
      const [old, next] = [before && streamArn(identity, before), after && streamArn(identity, after)];
      if (old !== undefined && old !== next) close(old);
      if (after?.stream === undefined || next === undefined || streams.find(next) !== undefined) return;
      const { label, viewType } = after.stream;
      streams.save({ arn: next, label, viewType, tableName: after.name, keys: after.keys, createdAtMs: nowMs() });
    },
    append: (table, { key, before, after, byTimeToLive = false }) => {
      const arn = streamArn(identity, table);
      if (table.stream === undefined || arn === undefined || changesNothing({ before, after })) return;
      const { viewType } = table.stream;
      const eventId = ids.bytes(16).toString('hex');
      const change = { key, before, after, byTimeToLive, atMs: nowMs() };
      streams.append(arn, recordOf(change, { viewType, region: identity.region, eventId }), nowMs());
      grown.add(arn);
    },
    committed: () => {
      if (grown.size === 0) return;
      const told = grown;
      grown = new Set();
      for (const arn of told) for (const listener of listeners.get(arn) ?? []) listener();
    },
    rolledBack: () => {
      grown = new Set();
    },
    onRecords: (arn, listener) => {
      const set = listeners.get(arn) ?? new Set();
      listeners.set(arn, set.add(listener));
      return () => void set.delete(listener);
    },
  };
};
