/**
 * How often each of many models is asked for, with age: a use counts half after `halfLife` further uses of any model.
 * Models that are not in memory are counted too, or a popular one would have to prove itself anew each time (the
 * "ghosts" of TinyLFU: Einziger, Friedman and Manes, ACM Transactions on Storage 13(4), 2017; its periodic halving is
 * replaced by an exponential decay that is reckoned on reading).
 */
export interface UseFrequency {
  used(key: string, times?: number): void;
  /** Decayed uses up to now, 0 for a key that is not known. */
  of(key: string): number;
  readonly keyCount: number;
}

interface Count {
  decayed: number;
  /** The reckoning's instant, in uses of any key. */
  at: number;
}

/** Uses per known key that a use takes to fade to half: long enough to tell rare models apart, short enough to forget. */
const HALF_LIFE_PER_KEY = 48;
const LEAST_HALF_LIFE = 2_048;

/** @param maxKeys keys that are remembered; beyond them the half that was used least is forgotten. */
export const createUseFrequency = ({ maxKeys }: { readonly maxKeys: number }): UseFrequency => {
  const counts = new Map<string, Count>();
  let now = 0;
  const reckoned = ({ decayed, at }: Count): number => {
    const halfLife = Math.max(LEAST_HALF_LIFE, counts.size * HALF_LIFE_PER_KEY);
    return decayed * 2 ** ((at - now) / halfLife);
  };
  const forget = (): void => {
    const byUse = [...counts].map(([key, count]) => ({ key, uses: reckoned(count) })).sort((a, b) => a.uses - b.uses);
    for (const { key } of byUse.slice(0, byUse.length >> 1)) counts.delete(key);
  };
  return {
    used: (key, times = 1) => {
      now += times;
      const count = counts.get(key);
      if (count === undefined) {
        if (counts.size >= maxKeys) forget();
        counts.set(key, { decayed: times, at: now });
        return;
      }
      count.decayed = reckoned(count) + times;
      count.at = now;
    },
    of: (key) => {
      const count = counts.get(key);
      return count === undefined ? 0 : reckoned(count);
    },
    get keyCount() {
      return counts.size;
    },
  };
};
