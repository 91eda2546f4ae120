import type { BatchPlan, WaitingRequest } from '../../shared/core/batching/index.ts';

/** One model that runs batches one at a time, asked at random instants, in virtual time. */

export interface Simulated {
  readonly meanMs: number;
  readonly p99Ms: number;
  /** Requests for each second of virtual time, first arrival to last answer. */
  readonly perSecond: number;
  readonly meanRequestsPerBatch: number;
}

export interface Policy {
  arrived(atMs: number): void;
  plan(queue: readonly WaitingRequest[], nowMs: number): BatchPlan;
  served(rowCount: number, serviceMs: number): void;
}

/** Each request alone. */
export const ONE_BY_ONE: Policy = { arrived: () => undefined, plan: () => ({ take: 1 }), served: () => undefined };

/** What serving software offers by two settings: a size and a delay. */
export const fixedPolicy = (size: number, delayMs: number): Policy => ({
  arrived: () => undefined,
  plan: (queue, nowMs) => {
    if (queue.length >= size) return { take: size };
    const leftMs = queue[0]!.arrivedAtMs + delayMs - nowMs;
    return leftMs <= 1e-9 ? { take: queue.length } : { waitMs: leftMs };
  },
  served: () => undefined,
});

const createUniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
};

/** Instants of a Poisson process. */
const drawArrivals = (count: number, perSecond: number): readonly number[] => {
  const uniform = createUniform(11);
  const atMs: number[] = [];
  for (let i = 0; i < count; i += 1) atMs.push((atMs.at(-1) ?? 0) - (Math.log(uniform()) * 1_000) / perSecond);
  return atMs;
};

/** @param serviceMs what a batch of so many rows takes. */
export const simulateBatching = (
  policy: Policy,
  load: { readonly requestsPerSecond: number; readonly requestCount?: number; serviceMs(rowCount: number): number },
): Simulated => {
  const { requestsPerSecond, requestCount = 4_000, serviceMs } = load;
  const arrivals = drawArrivals(requestCount, requestsPerSecond);
  const queue: WaitingRequest[] = [];
  const latencies: number[] = [];
  let [nowMs, next, batchCount] = [0, 0, 0];
  const arriveUntil = (untilMs: number): void => {
    for (let atMs = arrivals[next]; atMs !== undefined && atMs <= untilMs; atMs = arrivals[next]) {
      policy.arrived(atMs);
      queue.push({ rowCount: 1, arrivedAtMs: atMs });
      next += 1;
    }
  };
  while (latencies.length < requestCount) {
    if (queue.length === 0) nowMs = Math.max(nowMs, arrivals[next]!);
    arriveUntil(nowMs);
    const plan = policy.plan(queue, nowMs);
    if ('waitMs' in plan) {
      nowMs = Math.min(nowMs + plan.waitMs, arrivals[next] ?? Number.POSITIVE_INFINITY);
      continue;
    }
    const batch = queue.splice(0, plan.take);
    const tookMs = serviceMs(batch.length);
    nowMs += tookMs;
    arriveUntil(nowMs);
    policy.served(batch.length, tookMs);
    for (const { arrivedAtMs } of batch) latencies.push(nowMs - arrivedAtMs);
    batchCount += 1;
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    meanMs: latencies.reduce((sum, ms) => sum + ms, 0) / requestCount,
    p99Ms: sorted[Math.floor(0.99 * requestCount)]!,
    perSecond: (requestCount * 1_000) / nowMs,
    meanRequestsPerBatch: requestCount / batchCount,
  };
};
