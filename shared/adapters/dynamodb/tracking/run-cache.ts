import type { MetricsDocument, RunDocument } from './run-document.ts';

/** A document and the revision of the item that it was read from or written to. */
export interface Stored<T> {
  readonly rev: number;
  readonly document: T;
  /** Packed. */
  readonly sizeBytes: number;
}

export interface StoredRun {
  readonly run: Stored<RunDocument>;
  /** Of a hot run with the revision of an item of its own; else part of the run's, without revision and size. */
  readonly metrics: Stored<MetricsDocument>;
}

/** The metrics of a run that is not hot. */
export const metricsWithin = (document: MetricsDocument): Stored<MetricsDocument> => ({
  rev: 0,
  sizeBytes: 0,
  document,
});

export const isHot = ({ metrics }: StoredRun): boolean => metrics.document.hot !== undefined;

/**
 * What this process saw last of runs. It saves unpacking what did not change since, and the read before a write of
 * metrics: the write's condition on `rev` finds out what is out of date. Bounded by runs and by the bytes that their
 * documents take packed; the longest unused goes first.
 */
export interface RunCache {
  get(runId: string): StoredRun | undefined;
  set(runId: string, run: StoredRun): void;
  delete(runId: string): void;
  /**
   * Whether what is cached has mostly been current of late, so that writing on its condition without reading is worth
   * the try. Where other processes write the same runs it is not: a refused write costs as much as one that passes.
   */
  readonly mostlyCurrent: () => boolean;
  /** Told, each time it was found out, whether what was cached of a run was current. */
  readonly learn: (wasCurrent: boolean) => void;
}

const MAX_RUNS = 1_000;
/** Unpacked they take some ten times as much. */
const MAX_BYTES = 4 * 1_024 * 1_024;

/** How much of the share of current runs the latest one makes. */
const NEWEST_WEIGHT = 1 / 8;
/** Below, reading first costs fewer requests and less than the writes that would be refused. */
const WORTH_SHARE = 3 / 4;

const sizeOf = ({ run, metrics }: StoredRun): number => run.sizeBytes + metrics.sizeBytes;

export const createRunCache = (limits: { readonly runs?: number; readonly bytes?: number } = {}): RunCache => {
  const { runs = MAX_RUNS, bytes = MAX_BYTES } = limits;
  const cached = new Map<string, StoredRun>();
  let totalBytes = 0;
  let currentShare = 1;
  const remove = (runId: string): void => {
    const former = cached.get(runId);
    if (former === undefined) return;
    totalBytes -= sizeOf(former);
    cached.delete(runId);
  };
  return {
    get: (runId) => {
      const run = cached.get(runId);
      if (run === undefined) return undefined;
      cached.delete(runId);
      cached.set(runId, run);
      return run;
    },
    set: (runId, run) => {
      remove(runId);
      cached.set(runId, run);
      totalBytes += sizeOf(run);
      for (const oldest of cached.keys()) {
        if (cached.size <= runs && totalBytes <= bytes) break;
        remove(oldest);
      }
    },
    delete: remove,
    mostlyCurrent: () => currentShare >= WORTH_SHARE,
    learn: (wasCurrent) => {
      currentShare += (Number(wasCurrent) - currentShare) * NEWEST_WEIGHT;
    },
  };
};
