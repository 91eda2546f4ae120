/**
 * The most frequent texts of a stream in bounded memory: Misra & Gries 1982, "Finding repeated elements". A text's true
 * count lies in [count, count + maxError], that of a text not listed in [0, maxError], and maxError is at most
 * total / (HITTERS + 1). Merged as Agarwal et al. 2012 ("Mergeable summaries") prove to keep the bound.
 */
export interface HeavyHitters {
  /** Rows of all texts. */
  readonly total: number;
  readonly maxError: number;
  /** By count, then by text. */
  readonly entries: readonly { readonly value: string; readonly count: number }[];
}

/** Texts that are kept. */
export const HITTERS = 16;
/** Longer texts are kept by their beginning. */
const MAX_LENGTH = 64;

export const NO_HITTERS: HeavyHitters = { total: 0, maxError: 0, entries: [] };

const keyOf = (value: string): string => (value.length > MAX_LENGTH ? `${value.slice(0, MAX_LENGTH - 1)}…` : value);

/** Adds counts of texts to a summary. */
export const addHitters = (
  hitters: HeavyHitters,
  counts: Iterable<readonly [value: string, count: number]>,
  maxError = 0,
): HeavyHitters => {
  const sums = new Map(hitters.entries.map(({ value, count }) => [value, count]));
  let added = 0;
  for (const [value, count] of counts) {
    const key = keyOf(value);
    sums.set(key, (sums.get(key) ?? 0) + count);
    added += count;
  }
  const sorted = [...sums].map(([value, count]) => ({ value, count })).sort(byCountThenText);
  const taken = sorted[HITTERS]?.count ?? 0;
  return {
    total: hitters.total + added,
    maxError: hitters.maxError + maxError + taken,
    entries: sorted
      .slice(0, HITTERS)
      .map(({ value, count }) => ({ value, count: count - taken }))
      .filter(({ count }) => count > 0),
  };
};

type Entry = HeavyHitters['entries'][number];

const byCountThenText = (a: Entry, b: Entry): number => b.count - a.count || (a.value < b.value ? -1 : 1);

export const mergeHitters = (a: HeavyHitters, b: HeavyHitters): HeavyHitters => {
  const merged = addHitters(
    a,
    b.entries.map(({ value, count }) => [value, count]),
    b.maxError,
  );
  return { ...merged, total: a.total + b.total };
};
