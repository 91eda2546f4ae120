import type { LocalClock } from '../contracts.ts';

/** Requests of each address in the last few minutes of virtual time, to ten seconds. */
export interface RequestRates {
  /** Counts one more. @returns how many there were in the window, with it */
  count(name: string, windowMs: number): number;
}

const SLICE_MS = 10_000;

export const createRequestRates = (clock: Pick<LocalClock, 'nowMs'>): RequestRates => {
  const slices = new Map<string, readonly { readonly fromMs: number; readonly count: number }[]>();
  return {
    count: (name, windowMs) => {
      const nowMs = clock.nowMs();
      const fromMs = Math.floor(nowMs / SLICE_MS) * SLICE_MS;
      const standing = (slices.get(name) ?? []).filter((slice) => slice.fromMs > nowMs - windowMs);
      const last = standing.at(-1);
      const next =
        last?.fromMs === fromMs
          ? [...standing.slice(0, -1), { fromMs, count: last.count + 1 }]
          : [...standing, { fromMs, count: 1 }];
      slices.set(name, next);
      return next.reduce((sum, { count }) => sum + count, 0);
    },
  };
};
