import type { Storage } from './storage.ts';
import type { TableRecord } from './table-schema.ts';

const HOUR_MS = 60 * 60 * 1_000;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
export const STREAM_RETENTION_MS = 24 * HOUR_MS;

/** Forgets, about every hour of virtual time, what streams and recovery need not keep any longer. */
export const createRetention = ({
  storage,
  nowMs,
  tables,
}: {
  readonly storage: Storage;
  readonly nowMs: () => number;
  readonly tables: () => readonly TableRecord[];
}): (() => void) => {
  let tidiedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const now = nowMs();
    if (now - tidiedAtMs < HOUR_MS) return;
    tidiedAtMs = now;
    storage.streams.trim(now - STREAM_RETENTION_MS);
    for (const { storageId, recovery } of tables()) {
      if (recovery) storage.history.trim(storageId, now - recovery.periodDays * 24 * HOUR_MS);
    }
  };
};
