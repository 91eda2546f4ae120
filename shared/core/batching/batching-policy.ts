import { createServiceTime } from './service-time.ts';

/**
 * When waiting requests of one model run, and how many together. The model runs one batch at a time; what comes
 * meanwhile waits anyway, so batches grow by themselves with the load. Beyond that a request waits only when waiting
 * pays, by the control-limit argument for batch servers (Deb and Serfozo, Advances in Applied Probability 5(2), 1973)
 * on the measured cost of a batch, `fixed + perRow × rows`:
 * - running two at once instead of one after the other ends both earlier on average if `fixed > perRow`; with less to
 *   win it still clears more in the same time, which counts when the queue does not empty otherwise;
 * - holding n requests for the next, expected in `gap`, spares that one `fixed − gap` and costs each of the n
 *   `gap + perRow`.
 */
export interface BatchingPolicy {
  /** A request came. */
  arrived(atMs: number): void;
  /**
   * @param queue waiting requests that may run together, oldest first; at least one.
   * @returns how many of them run now, from the oldest on; or how long to wait at most before asking again.
   */
  plan(queue: readonly WaitingRequest[], nowMs: number): BatchPlan;
  served(rowCount: number, serviceMs: number): void;
  /** What this many rows are expected to take, for who must say when there is room again; 0 before the first batch. */
  expectedMs(rowCount: number): number;
}

export interface WaitingRequest {
  readonly rowCount: number;
  readonly arrivedAtMs: number;
}

export type BatchPlan = { readonly take: number } | { readonly waitMs: number };

export interface BatchingOptions {
  /** Rows of one batch at most; a single request may have more and then runs alone. */
  readonly maxRows: number;
  /** Longest that a request is held for others to come. */
  readonly maxDelayMs: number;
}

/** Weight of the newest gap between arrivals. */
const NEWEST_GAP = 0.1;
/** Share of the time that one-by-one service may take before clearing the queue counts more than the mean wait. */
const BUSY_SHARE = 0.7;
/** Least that a batch must spare of a row's cost to be worth forming at all. */
const LEAST_SAVING = 0.05;
/** No clock wakes anybody for less. */
const LEAST_WAIT_MS = 0.01;
/** A batch is at most so many times the greatest that was tried: the line may bend where nobody has been. */
const GROWTH = 2;

export const createBatchingPolicy = ({ maxRows, maxDelayMs }: BatchingOptions): BatchingPolicy => {
  const serviceTime = createServiceTime();
  let lastArrivalMs: number | undefined;
  let gapMs = Number.POSITIVE_INFINITY;
  let greatestRows = 1;

  const pays = (rowsPerRequest: number): boolean => {
    const { fixedMs, perRowMs } = serviceTime.estimate();
    const ownMs = perRowMs * rowsPerRequest;
    if (fixedMs > ownMs) return true;
    return fixedMs > LEAST_SAVING * ownMs && (fixedMs + ownMs) / gapMs > BUSY_SHARE;
  };

  const fill = (queue: readonly WaitingRequest[], mostRows: number): { take: number; rows: number } => {
    let [take, rows] = [1, queue[0]?.rowCount ?? 0];
    for (const { rowCount } of queue.slice(1)) {
      if (rows + rowCount > mostRows) break;
      take += 1;
      rows += rowCount;
    }
    return { take, rows };
  };

  const waitingPays = (count: number, rows: number, oldestWaitMs: number): number | undefined => {
    const { fixedMs, perRowMs } = serviceTime.estimate();
    const ownMs = (perRowMs * rows) / count;
    if (fixedMs - gapMs <= count * (gapMs + ownMs)) return undefined;
    // Held no longer than what a batch spares, whatever the arrivals seemed to promise.
    const leftMs = Math.min(maxDelayMs, fixedMs) - oldestWaitMs;
    return leftMs < LEAST_WAIT_MS ? undefined : Math.max(LEAST_WAIT_MS, Math.min(leftMs, 2 * gapMs));
  };

  return {
    arrived: (atMs) => {
      if (lastArrivalMs !== undefined) {
        const gap = Math.max(0, atMs - lastArrivalMs);
        gapMs = Number.isFinite(gapMs) ? gapMs + NEWEST_GAP * (gap - gapMs) : gap;
      }
      lastArrivalMs = atMs;
    },
    plan: (queue, nowMs) => {
      const first = queue[0];
      if (first === undefined) return { waitMs: maxDelayMs };
      const rowsPerRequest = queue.reduce((sum, { rowCount }) => sum + rowCount, 0) / queue.length;
      if (!pays(rowsPerRequest)) return { take: 1 };
      const { take, rows } = fill(queue, Math.min(maxRows, greatestRows * GROWTH));
      if (take < queue.length || rows >= maxRows) return { take };
      const waitMs = waitingPays(take, rows, nowMs - first.arrivedAtMs);
      return waitMs === undefined ? { take } : { waitMs };
    },
    served: (rowCount, serviceMs) => {
      serviceTime.observe(rowCount, serviceMs);
      greatestRows = Math.max(greatestRows, rowCount);
    },
    expectedMs: (rowCount) => {
      const { fixedMs, perRowMs } = serviceTime.estimate();
      return fixedMs + perRowMs * rowCount;
    },
  };
};
