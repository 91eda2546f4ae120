/** Over which days a running mean goes back: 1, the window, and four windows. */
export const spansOf = (windowDays: number): readonly number[] =>
  windowDays === 1 ? [1, 4] : [1, windowDays, 4 * windowDays];

/**
 * What a running mean keeps from a day to the next, φ: with mean ← φ·mean + (1 − φ)·x its variance is that of a mean of
 * `spanDays` independent days.
 */
export const keptShare = (spanDays: number): number => (spanDays - 1) / (spanDays + 1);

/** How far one standardised day may move a running mean: a day of nonsense is to be forgotten soon. */
const MOST_STANDARDISED = 8;

export const clip = (value: number): number =>
  value > MOST_STANDARDISED ? MOST_STANDARDISED : value < -MOST_STANDARDISED ? -MOST_STANDARDISED : value;
