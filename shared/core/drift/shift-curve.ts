import { normalQuantile } from './normal-quantile.ts';
import { normalShare } from './normal-share.ts';
import { rounded } from './rounded.ts';

/** Shifts from −4 to 4 standard deviations, in steps of 1/8. */
const MOST_SHIFT = 4;
const STEPS_PER_UNIT = 8;
const STEPS = 2 * MOST_SHIFT * STEPS_PER_UNIT;

/**
 * What a pure shift makes of a column's bins, when its rows are put on the normal scale by their ranks in the reference:
 * mean and mean square of the bins' levels, for each shift of the grid.
 */
export interface ShiftCurve {
  readonly means: readonly number[];
  readonly squares: readonly number[];
}

/** @param levels one value a bin. @param shares of the bins in the reference. */
export const shiftCurve = (levels: readonly number[], shares: readonly number[]): ShiftCurve => {
  let below = 0;
  const edges = shares.slice(0, -1).map((share) => {
    below += share;
    return normalQuantile(Math.min(0.99999, Math.max(0.00001, below)));
  });
  const points = Array.from({ length: STEPS + 1 }, (_, step) => {
    const shift = step / STEPS_PER_UNIT - MOST_SHIFT;
    let [mean, square, before] = [0, 0, 0];
    levels.forEach((level, bin) => {
      const upTo = bin < edges.length ? normalShare((edges[bin] as number) - shift) : 1;
      mean += level * (upTo - before);
      square += level * level * (upTo - before);
      before = upTo;
    });
    return { mean, square };
  });
  return { means: points.map(({ mean }) => rounded(mean)), squares: points.map(({ square }) => rounded(square)) };
};

/** The shift that gives a mean, and the mean square that it gives; ±4 where no shift of the grid goes so far. */
export const shiftOf = (
  { means, squares }: ShiftCurve,
  mean: number,
): { readonly shift: number; readonly square: number } => {
  let [low, high] = [0, means.length - 1];
  if (mean <= (means[low] as number)) return { shift: -MOST_SHIFT, square: squares[low] as number };
  if (mean >= (means[high] as number)) return { shift: MOST_SHIFT, square: squares[high] as number };
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((means[middle] as number) <= mean) low = middle;
    else high = middle;
  }
  const part = (mean - (means[low] as number)) / ((means[high] as number) - (means[low] as number));
  return {
    shift: (low + part) / STEPS_PER_UNIT - MOST_SHIFT,
    square: (squares[low] as number) + part * ((squares[high] as number) - (squares[low] as number)),
  };
};
