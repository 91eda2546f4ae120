/** Where an id lies in [0, 2^32): FNV-1a (Fowler, Noll, Vo; public domain) with a last mixing, so that short ids spread. */
const placeOf = (id: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/**
 * Values by id, at most so many: beyond, every second id is dropped, by its hash, until they fit. Which are kept depends
 * on the ids alone, not on their order.
 */
export interface ShadowSample<T> {
  readonly size: number;
  /** Whether values of this id are kept. */
  takes(id: string): boolean;
  get(id: string): T | undefined;
  set(id: string, value: T): void;
  values(): Iterable<T>;
}

export const openShadowSample = <T>(most: number): ShadowSample<T> => {
  const kept = new Map<string, T>();
  let below = 2 ** 32;
  const takes = (id: string): boolean => placeOf(id) < below;
  return {
    get size() {
      return kept.size;
    },
    takes,
    get: (id) => kept.get(id),
    set: (id, value) => {
      if (!takes(id)) return;
      kept.set(id, value);
      while (kept.size > most) {
        below /= 2;
        for (const other of kept.keys()) if (!takes(other)) kept.delete(other);
      }
    },
    values: () => kept.values(),
  };
};
