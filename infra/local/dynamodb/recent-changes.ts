import type { FormerRow } from './history-store.ts';

interface RecentChange {
  readonly storageId: string;
  readonly former: FormerRow;
  readonly atMs: number;
}

/** The changes of the last moments, from which reads that are allowed to be old are answered. Lost with the process. */
export interface RecentChanges {
  note(changes: readonly RecentChange[]): void;
  /** Changes of a table or index made after an instant, oldest first. */
  since(storageId: string, afterMs: number): readonly FormerRow[];
}

/** Nothing is ever asked to be older: a replica of DynamoDB lags by less than a second, an index by little more. */
export const MAX_STALE_MS = 5_000;
/** Bounds memory where the time stands still: the oldest changes are then seen by everyone. */
const MAX_CHANGES = 10_000;

export const createRecentChanges = (nowMs: () => number): RecentChanges => {
  let changes: RecentChange[] = [];
  return {
    note: (more) => {
      changes.push(...more);
      if (changes.length < 2 * MAX_CHANGES) return;
      const horizonMs = nowMs() - MAX_STALE_MS;
      changes = changes.slice(-MAX_CHANGES).filter(({ atMs }) => atMs > horizonMs);
    },
    since: (storageId, afterMs) =>
      changes.filter((change) => change.storageId === storageId && change.atMs > afterMs).map(({ former }) => former),
  };
};

export type { RecentChange };
