import type { Influenced } from './influence.ts';

/** Metrics that are means over rows, or ratios of them, each with the influence of its rows. */

type Rows = ArrayLike<number>;

/** Mean of what `of` gives for each row. */
export const meanInfluence = (rowCount: number, of: (row: number) => number): Influenced => {
  const influence = new Float64Array(rowCount);
  let sum = 0;
  for (let row = 0; row < rowCount; row += 1) {
    const one = of(row);
    influence[row] = one;
    sum += one;
  }
  const value = sum / rowCount;
  for (let row = 0; row < rowCount; row += 1) influence[row] = ((influence[row] as number) - value) / rowCount;
  return { value, influence };
};

/**
 * Σ above / Σ below.
 * @returns undefined where the lower sum is 0: a precision without positive answers is none, and not 0.
 */
export const ratioInfluence = (
  rowCount: number,
  above: (row: number) => number,
  below: (row: number) => number,
): Influenced | undefined => {
  let [top, bottom] = [0, 0];
  for (let row = 0; row < rowCount; row += 1) {
    top += above(row);
    bottom += below(row);
  }
  if (bottom === 0) return undefined;
  const value = top / bottom;
  const influence = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) influence[row] = (above(row) - value * below(row)) / bottom;
  return { value, influence };
};

/** The square root of a mean, by the delta method; of 0 nothing is moved. */
export const rootOf = ({ value, influence }: Influenced): Influenced => {
  const root = Math.sqrt(value);
  return { value: root, influence: influence.map((one) => (root === 0 ? 0 : one / (2 * root))) };
};

/** As scikit-learn clips: a wrong certainty costs 36 nats and not infinity. */
export const clippedChance = (chance: number): number => Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, chance));

/** Log loss of one row, in nats. */
export const rowLogLoss = (label: number, chance: number): number =>
  -Math.log(clippedChance(label === 1 ? chance : 1 - chance));

const BINS = 10;
/** An edge is of the bin below it, as scikit-learn's `calibration_curve` divides. */
const binOf = (chance: number): number => Math.max(0, Math.ceil(chance * BINS) - 1);

/**
 * Expected calibration error: over ten equally wide bins of the probability, the mean of |mean probability − share of
 * positives|, weighted by rows (Naeini, Cooper & Hauskrecht 2015). Never below 0, so a calibrated model's is above it.
 */
export const calibrationErrorInfluence = (labels: Rows, chances: Rows): Influenced => {
  const gaps = new Float64Array(BINS);
  for (let row = 0; row < labels.length; row += 1) {
    const bin = binOf(chances[row] as number);
    gaps[bin] = (gaps[bin] as number) + (chances[row] as number) - (labels[row] as number);
  }
  return meanInfluence(labels.length, (row) => {
    const chance = chances[row] as number;
    return Math.sign(gaps[binOf(chance)] as number) * (chance - (labels[row] as number));
  });
};

/** |label − prediction| over |label|, which counts as 2^-52 at least, as scikit-learn has it. */
export const rowPercentageError = (label: number, prediction: number): number =>
  Math.abs(label - prediction) / Math.max(Math.abs(label), Number.EPSILON);

/** Pinball loss of one row: `quantile` of each unit above the prediction, the rest of 1 of each below it. */
export const rowQuantileLoss = (label: number, prediction: number, quantile: number): number =>
  label >= prediction ? quantile * (label - prediction) : (1 - quantile) * (prediction - label);
