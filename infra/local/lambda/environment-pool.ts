import type { Environment } from './environment.ts';

/** Environments of one function version, each for one execution at a time, reused and kept for a while when idle. */
export interface EnvironmentPool {
  /** Lends an environment for one execution, waiting for a free one when as many as allowed are busy. */
  use<T>(
    key: string,
    start: () => Environment,
    work: (environment: Environment, cold: boolean) => Promise<T>,
  ): Promise<T>;
  /** Stops the idle environments of keys that match; busy ones are stopped when they come back. */
  retire(matches: (key: string) => boolean): void;
  stop(): Promise<void>;
}

export interface PoolLimits {
  /** Most environments of one key. More requests wait, which costs a laptop less than a thread each. */
  readonly perKey: number;
  /**
   * So many of one key work at once without more ado; beyond that a request waits so long for one of them, unless the
   * latest work of that key took longer. Threads beyond the processors make none of them faster, and what each of them
   * remembers goes out of date the sooner.
   * @default as many as there may be
   */
  readonly ready?: { readonly count: number; readonly patienceMs: number };
  /** Most idle environments of all keys together. */
  readonly idle: number;
  /** Time after which an idle environment is given up. */
  readonly idleMs: number;
  /**
   * Virtual time beside the real: while it leaps, what has been idle for at most `keepMs` of it is kept beyond `idleMs`.
   * What runs once a virtual day would start anew each day on a machine that takes longer than `idleMs` for a day.
   * @default real time alone counts
   */
  readonly leaps?: { readonly nowMs: () => number; readonly keepMs: number };
  /** The time that counts: virtual in a simulation, which looks at it when an environment is wanted. @default real, by timers */
  readonly nowMs?: () => number;
}

interface Slot {
  readonly environment: Environment;
  readonly key: string;
  retired: boolean;
  idleSinceMs?: number;
  idleTimer?: NodeJS.Timeout;
}

interface PoolState {
  readonly limits: PoolLimits;
  readonly all: Map<string, Set<Slot>>;
  /** Longest idle first. */
  readonly idle: Set<Slot>;
  readonly waiting: Map<string, (() => void)[]>;
  /** Keys whose latest work took longer than a request is to wait. */
  readonly slow: Set<string>;
}

const discard = async (pool: PoolState, slot: Slot): Promise<void> => {
  clearTimeout(slot.idleTimer);
  pool.idle.delete(slot);
  const siblings = pool.all.get(slot.key);
  siblings?.delete(slot);
  if (siblings?.size === 0) pool.all.delete(slot.key);
  await slot.environment.stop();
};

const isStale = ({ limits }: PoolState, { idleSinceMs }: Slot): boolean =>
  limits.nowMs !== undefined && idleSinceMs !== undefined && limits.nowMs() - idleSinceMs > limits.idleMs;

const takeIdle = (pool: PoolState, key: string): Slot | undefined => {
  const candidates = [...(pool.all.get(key) ?? [])].filter((slot) => pool.idle.has(slot));
  const usable = (candidate: Slot): boolean => candidate.environment.alive() && !isStale(pool, candidate);
  const slot = candidates.find(usable);
  for (const candidate of candidates) if (!usable(candidate)) void discard(pool, candidate);
  if (slot === undefined) return undefined;
  clearTimeout(slot.idleTimer);
  pool.idle.delete(slot);
  return slot;
};

const open = (pool: PoolState, key: string, start: () => Environment): Slot => {
  const slot: Slot = { environment: start(), key, retired: false };
  const siblings = pool.all.get(key) ?? new Set();
  siblings.add(slot);
  pool.all.set(key, siblings);
  return slot;
};

/** So many times as much virtual time as real has passed when it leapt. Time that flows passes as the real does. */
const LEAP_FACTOR = 10;

/** Gives an idle environment up at the first look, one each `idleMs`, that finds no reason to keep it. */
const giveUpLater = (pool: PoolState, slot: Slot): void => {
  const { idleMs, leaps } = pool.limits;
  const idleSinceMs = leaps?.nowMs() ?? 0;
  const lookLater = (seenMs: number): void => {
    slot.idleTimer = setTimeout(() => {
      const nowMs = leaps?.nowMs() ?? 0;
      const leapt = nowMs - seenMs > LEAP_FACTOR * idleMs;
      if (leaps !== undefined && leapt && nowMs - idleSinceMs <= leaps.keepMs) lookLater(nowMs);
      else void discard(pool, slot);
    }, idleMs).unref();
  };
  lookLater(idleSinceMs);
};

const giveBack = (pool: PoolState, slot: Slot): void => {
  const { environment, key } = slot;
  if (slot.retired || !environment.alive()) void discard(pool, slot);
  else {
    pool.idle.add(slot);
    if (pool.limits.nowMs) slot.idleSinceMs = pool.limits.nowMs();
    else giveUpLater(pool, slot);
    const [oldest] = pool.idle;
    if (pool.idle.size > pool.limits.idle && oldest !== undefined) void discard(pool, oldest);
  }
  const queue = pool.waiting.get(key);
  queue?.shift()?.();
  if (queue?.length === 0) pool.waiting.delete(key);
};

/** Until an environment comes back, at most so long. */
const waitForTurn = (pool: PoolState, key: string, limitMs?: number): Promise<void> =>
  new Promise((resolve) => {
    const queue = pool.waiting.get(key) ?? [];
    const limit = limitMs === undefined ? undefined : setTimeout(() => leave(), limitMs);
    const turn = (): void => {
      clearTimeout(limit);
      resolve();
    };
    const leave = (): void => {
      queue.splice(queue.indexOf(turn), 1);
      if (queue.length === 0) pool.waiting.delete(key);
      resolve();
    };
    queue.push(turn);
    pool.waiting.set(key, queue);
  });

const busyCount = (pool: PoolState, key: string): number => {
  let count = 0;
  for (const slot of pool.all.get(key) ?? []) if (!pool.idle.has(slot)) count += 1;
  return count;
};

/** A start is no measure of what follows. */
const noteDuration = ({ limits, slow }: PoolState, key: string, tookMs: number): void => {
  if (limits.ready === undefined || tookMs <= limits.ready.patienceMs) slow.delete(key);
  else slow.add(key);
};

interface Lent {
  readonly slot: Slot;
  readonly cold: boolean;
}

/** @returns undefined when as many as there may be are busy */
const lend = (pool: PoolState, key: string, start: () => Environment): Lent | undefined => {
  const reused = takeIdle(pool, key);
  if (reused) return { slot: reused, cold: false };
  if ((pool.all.get(key)?.size ?? 0) >= pool.limits.perKey) return undefined;
  return { slot: open(pool, key, start), cold: true };
};

const isReady = (pool: PoolState, key: string): boolean => {
  const { ready } = pool.limits;
  return ready === undefined || pool.slow.has(key) || busyCount(pool, key) < ready.count;
};

const acquire = async (pool: PoolState, key: string, start: () => Environment): Promise<Lent> => {
  const { patienceMs = 0 } = pool.limits.ready ?? {};
  let endsAtMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const leftMs = endsAtMs - performance.now();
    if (isReady(pool, key) || leftMs <= 0) {
      const lent = lend(pool, key, start);
      if (lent !== undefined) return lent;
      await waitForTurn(pool, key);
    } else {
      endsAtMs = Math.min(endsAtMs, performance.now() + patienceMs);
      await waitForTurn(pool, key, Math.min(leftMs, patienceMs));
    }
  }
};

export const createEnvironmentPool = (limits: PoolLimits): EnvironmentPool => {
  const pool: PoolState = { limits, all: new Map(), idle: new Set(), waiting: new Map(), slow: new Set() };
  return {
    use: async (key, start, work) => {
      const { slot, cold } = await acquire(pool, key, start);
      const beganAtMs = performance.now();
      try {
        return await work(slot.environment, cold);
      } finally {
        noteDuration(pool, key, cold ? 0 : performance.now() - beganAtMs);
        giveBack(pool, slot);
      }
    },
    retire: (matches) => {
      for (const slot of [...pool.all.values()].flatMap((slots) => [...slots])) {
        if (!matches(slot.key)) continue;
        slot.retired = true;
        if (pool.idle.has(slot)) void discard(pool, slot);
      }
    },
    stop: async () => {
      const slots = [...pool.all.values()].flatMap((some) => [...some]);
      await Promise.all(slots.map((slot) => discard(pool, slot)));
    },
  };
};
