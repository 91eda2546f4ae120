/** ln e as it wanders: what one unit adds to it, in the mean, and how much that varies. */
export interface Growth {
  readonly mean: number;
  readonly variance: number;
}

/**
 * erfc by Chebyshev fitting, relative error below 1.2e-7 (Numerical Recipes in C, 2nd edition, 6.2): ample for forecasts.
 */
const erfc = (x: number): number => {
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const series = terms.reduceRight((sum, term) => sum * t + term, 0);
  const tail = t * Math.exp(-x * x + series);
  return x >= 0 ? tail : 2 - tail;
};

const normalBelow = (z: number): number => 0.5 * erfc(-z / Math.SQRT2);

/**
 * The probability that a walk with this growth has passed `limit` within `unitCount` units: that of Brownian motion with
 * drift, the inverse Gaussian distribution (Wald, Sequential Analysis, 1947, A.6). The overshoot is neglected.
 */
export const passedBy = ({ mean, variance }: Growth, limit: number, unitCount: number): number => {
  if (!(mean > 0) || unitCount <= 0) return 0;
  if (variance <= 0) return mean * unitCount >= limit ? 1 : 0;
  const spread = Math.sqrt(variance * unitCount);
  const ahead = normalBelow((mean * unitCount - limit) / spread);
  const mirrored =
    Math.exp(Math.min(700, (2 * mean * limit) / variance)) * normalBelow(-(mean * unitCount + limit) / spread);
  return Math.min(1, ahead + mirrored);
};

const DOUBLINGS = 60;
const BISECTIONS = 30;

/** Units after which the walk has passed `limit` with this probability; Infinity if it does not grow. */
export const unitsToPass = (growth: Growth, limit: number, probability: number): number => {
  if (!(growth.mean > 0)) return Number.POSITIVE_INFINITY;
  let most = 1;
  for (let i = 0; i < DOUBLINGS && passedBy(growth, limit, most) < probability; i += 1) most *= 2;
  let least = most / 2;
  for (let i = 0; i < BISECTIONS; i += 1) {
    const middle = (least + most) / 2;
    if (passedBy(growth, limit, middle) < probability) least = middle;
    else most = middle;
  }
  return most;
};
