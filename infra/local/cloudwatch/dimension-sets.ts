export type Dimensions = Readonly<Record<string, string>>;

/** More than a template has places that count. */
const MOST_KEPT = 1_000;

/**
 * Makes the dimension sets of one place that counts, once: the same parts give the same frozen objects again, by which
 * `metricKey` knows them.
 */
export const keepDimensionSets = <P extends readonly (string | undefined)[]>(
  make: (...parts: P) => readonly Dimensions[],
): ((...parts: P) => readonly Dimensions[]) => {
  const kept = new Map<string, readonly Dimensions[]>();
  return (...parts) => {
    const key = parts.join('\n');
    const known = kept.get(key);
    if (known !== undefined) return known;
    if (kept.size >= MOST_KEPT) kept.clear();
    const made = make(...parts).map((set) => Object.freeze({ ...set }));
    kept.set(key, made);
    return made;
  };
};
