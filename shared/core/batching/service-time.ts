/**
 * How long a batch takes, as a line over its rows that is fitted while serving: least squares in which older batches
 * count less. Milliseconds.
 */
export interface ServiceTime {
  observe(rowCount: number, ms: number): void;
  /** What a batch costs whatever its rows, and each row; both at least 0. */
  estimate(): { readonly fixedMs: number; readonly perRowMs: number };
  readonly observedCount: number;
}

/** Each batch counts this share of the one after it: about the last fifty speak. */
const RECENCY = 0.98;
/** A pause of the machine is not the model's: what exceeds the expectation so often counts as this much of it. */
const MOST_SURPRISE = 5;
const TRUSTED_AFTER = 8;
/** Batches of one size only cannot tell the two parts apart: then, and hardly else, each is taken for a half. */
const PRIOR_WEIGHT = 1e-3;

export const createServiceTime = (): ServiceTime => {
  let [weight, rows, rowsSquared, time, rowsByTime] = [0, 0, 0, 0, 0];
  let observedCount = 0;

  const estimate = () => {
    if (weight === 0) return { fixedMs: 0, perRowMs: 0 };
    const meanMs = time / weight;
    // Batches of no rows alone, which a tensor may have, say nothing of a row.
    if (rows === 0) return { fixedMs: meanMs, perRowMs: 0 };
    // The prior is one more batch, of no rows, that took half of the mean.
    const total = weight * (1 + PRIOR_WEIGHT);
    const meanRows = rows / total;
    const mean = (time + weight * PRIOR_WEIGHT * (meanMs / 2)) / total;
    const variance = rowsSquared / total - meanRows * meanRows;
    const perRowMs = (rowsByTime / total - meanRows * mean) / variance;
    const fixedMs = mean - perRowMs * meanRows;
    if (perRowMs <= 0) return { fixedMs: meanMs, perRowMs: 0 };
    return fixedMs <= 0 ? { fixedMs: 0, perRowMs: meanMs / (rows / weight) } : { fixedMs, perRowMs };
  };

  return {
    observe: (rowCount, ms) => {
      const { fixedMs, perRowMs } = estimate();
      const most = observedCount < TRUSTED_AFTER ? ms : MOST_SURPRISE * (fixedMs + perRowMs * rowCount);
      const counted = Math.min(ms, most);
      weight = weight * RECENCY + 1;
      rows = rows * RECENCY + rowCount;
      rowsSquared = rowsSquared * RECENCY + rowCount * rowCount;
      time = time * RECENCY + counted;
      rowsByTime = rowsByTime * RECENCY + rowCount * counted;
      observedCount += 1;
    },
    estimate,
    get observedCount() {
      return observedCount;
    },
  };
};
