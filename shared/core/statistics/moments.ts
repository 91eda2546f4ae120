export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Of the sample (n − 1); 0 for one value. */
  readonly standardDeviation: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Moments of the values that are not NaN, by Welford's method (1962); undefined when there are none. */
export const moments = (values: ArrayLike<number>): Moments | undefined => {
  let count = 0;
  let mean = 0;
  let squares = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    count += 1;
    const distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  if (count === 0) return undefined;
  return { count, mean, standardDeviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, minimum, maximum };
};
