import type { Influenced } from './influence.ts';
import { clippedChance } from './row-metrics.ts';

const MOST_STEPS = 50;

interface Fit {
  readonly intercept: number;
  readonly slope: number;
  /** Inverse of the information matrix. */
  readonly inverse: readonly [number, number, number];
}

const chanceAt = (intercept: number, slope: number, x: number): number => 1 / (1 + Math.exp(-(intercept + slope * x)));

const step = (labels: ArrayLike<number>, logOdds: Float64Array, intercept: number, slope: number) => {
  let [g0, g1, a, b, d] = [0, 0, 0, 0, 0];
  for (let i = 0; i < logOdds.length; i += 1) {
    const x = logOdds[i] as number;
    const chance = chanceAt(intercept, slope, x);
    const [rest, weight] = [(labels[i] as number) - chance, chance * (1 - chance)];
    g0 += rest;
    g1 += rest * x;
    a += weight;
    b += weight * x;
    d += weight * x * x;
  }
  const determinant = a * d - b * b;
  const inverse = [d / determinant, -b / determinant, a / determinant] as const;
  return { inverse, by: [inverse[0] * g0 + inverse[1] * g1, inverse[1] * g0 + inverse[2] * g1] as const };
};

/** Newton's method from the identity; undefined where it does not settle: one class, one value, or classes apart. */
const fitLine = (labels: ArrayLike<number>, logOdds: Float64Array): Fit | undefined => {
  let [intercept, slope] = [0, 1];
  for (let i = 0; i < MOST_STEPS; i += 1) {
    const { inverse, by } = step(labels, logOdds, intercept, slope);
    intercept += by[0];
    slope += by[1];
    if (!Number.isFinite(slope) || Math.abs(slope) > 1e3) return undefined;
    if (Math.abs(by[0]) + Math.abs(by[1]) < 1e-12 * (1 + Math.abs(intercept) + Math.abs(slope)))
      return { intercept, slope, inverse };
  }
  return undefined;
};

/**
 * Slope of the logistic regression of labels on the log odds of the predictions (Cox 1958): 1 when calibrated, below
 * when predictions are too extreme.
 */
export const calibrationSlopeInfluence = (
  labels: ArrayLike<number>,
  chances: ArrayLike<number>,
): Influenced | undefined => {
  const logOdds = Float64Array.from(chances, (chance) => {
    const clipped = clippedChance(chance);
    return Math.log(clipped / (1 - clipped));
  });
  const found = fitLine(labels, logOdds);
  if (found === undefined) return undefined;
  const { intercept, slope, inverse } = found;
  const influence = logOdds.map((x, i) => {
    const rest = (labels[i] as number) - chanceAt(intercept, slope, x);
    return rest * (inverse[1] + inverse[2] * x);
  });
  return { value: slope, influence };
};
