/** Count, mean and spread of numbers, mergeable: Chan, Golub & LeVeque 1979, "Updating formulae". */
export interface MomentSums {
  readonly count: number;
  /** 0 without values. */
  readonly mean: number;
  /** Σ (x − mean)². */
  readonly squares: number;
  /** +∞ without values. */
  readonly minimum: number;
  /** −∞ without values. */
  readonly maximum: number;
}

export const NO_MOMENTS: MomentSums = {
  count: 0,
  mean: 0,
  squares: 0,
  minimum: Number.POSITIVE_INFINITY,
  maximum: Number.NEGATIVE_INFINITY,
};

export const mergeMoments = (a: MomentSums, b: MomentSums): MomentSums => {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const count = a.count + b.count;
  const distance = b.mean - a.mean;
  return {
    count,
    // Weighted, not stepped from a: that way round the sum does not depend on which side is called a.
    mean: (a.count * a.mean + b.count * b.mean) / count,
    squares: a.squares + b.squares + distance * distance * ((a.count * b.count) / count),
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
  };
};

/** The deviation of the population (divided by n), as NumPy's `std`; 0 without values. */
export const deviationOf = ({ count, squares }: MomentSums): number => (count === 0 ? 0 : Math.sqrt(squares / count));

/** Of ascending values. Two passes: the squares keep their digits wherever the values lie. */
export const momentsOfSorted = (sorted: Float64Array, length: number): MomentSums => {
  if (length === 0) return NO_MOMENTS;
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += sorted[i] as number;
  const mean = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i += 1) {
    const distance = (sorted[i] as number) - mean;
    squares += distance * distance;
  }
  return { count: length, mean, squares, minimum: sorted[0] as number, maximum: sorted[length - 1] as number };
};
