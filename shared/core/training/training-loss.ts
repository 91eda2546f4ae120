import type { TrainingTask } from './gradient-boosted-trees.ts';

/** What is minimised: its starting point, its derivatives, its value. */
export interface TrainingLoss {
  /** The constant score of least loss, exact in float32. */
  readonly baseScore: (label: Float64Array, rowCount: number) => number;
  /**
   * Writes gradient and hessian of the rows at the start, interleaved, one pair per two places of `gradients`.
   * @returns the rows' loss at these scores.
   */
  readonly differentiate: (label: Float64Array, scores: Float64Array, gradients: Float32Array) => number;
  /** The loss of the rows `start … label.length`. */
  readonly evaluate: (label: Float64Array, scores: Float64Array, start: number) => number;
  readonly outputOf: (score: number) => number;
}

/** Beyond this many nats a sigmoid is flat in double precision. */
const MAX_MARGIN = 36;
/** Probabilities multiplied before a logarithm is taken: e^-36 to the 16th is still a normal double. */
const FACTORS_PER_LOGARITHM = 16;

const mean = (values: Float64Array, count: number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] as number;
  return sum / count;
};

const sigmoid = (score: number): number => 1 / (1 + Math.exp(-score));

const logisticEvaluate = (label: Float64Array, scores: Float64Array, start: number): number => {
  let loss = 0;
  for (let row = start; row < label.length; row++) {
    const score = scores[row] as number;
    loss += Math.log1p(Math.exp(Math.min(MAX_MARGIN, label[row] === 1 ? -score : score)));
  }
  return loss / (label.length - start);
};

/** With p the probability given to the true label: loss -log p, gradient ∓(1 - p), hessian p (1 - p). */
const logisticDifferentiate = (label: Float64Array, scores: Float64Array, gradients: Float32Array): number => {
  const rowCount = gradients.length / 2;
  let loss = 0;
  let likelihood = 1;
  for (let row = 0; row < rowCount; row++) {
    // A sign, not a branch on the label: labels cannot be predicted, that is why there is a model.
    const sign = 1 - 2 * (label[row] as number);
    const odds = Math.exp(Math.min(MAX_MARGIN, sign * (scores[row] as number)));
    const p = 1 / (1 + odds);
    const q = odds * p;
    gradients[2 * row] = sign * q;
    gradients[2 * row + 1] = p * q;
    likelihood *= p;
    if (row % FACTORS_PER_LOGARITHM !== FACTORS_PER_LOGARITHM - 1) continue;
    loss -= Math.log(likelihood);
    likelihood = 1;
  }
  return (loss - Math.log(likelihood)) / rowCount;
};

const LOGISTIC: TrainingLoss = {
  baseScore: (label, rowCount) => {
    // Half a row of each class at least: the newest rows may hold the only ones of a class.
    const share = Math.min(1 - 0.5 / rowCount, Math.max(0.5 / rowCount, mean(label, rowCount)));
    return Math.fround(Math.log(share / (1 - share)));
  },
  differentiate: logisticDifferentiate,
  evaluate: logisticEvaluate,
  outputOf: sigmoid,
};

const squaredEvaluate = (label: Float64Array, scores: Float64Array, start: number): number => {
  let sum = 0;
  for (let row = start; row < label.length; row++) sum += ((scores[row] as number) - (label[row] as number)) ** 2;
  return Math.sqrt(sum / (label.length - start));
};

const squaredDifferentiate = (label: Float64Array, scores: Float64Array, gradients: Float32Array): number => {
  const rowCount = gradients.length / 2;
  let sum = 0;
  for (let row = 0; row < rowCount; row++) {
    const gradient = (scores[row] as number) - (label[row] as number);
    gradients[2 * row] = gradient;
    gradients[2 * row + 1] = 1;
    sum += gradient * gradient;
  }
  return Math.sqrt(sum / rowCount);
};

const SQUARED: TrainingLoss = {
  baseScore: (label, rowCount) => Math.fround(mean(label, rowCount)),
  differentiate: squaredDifferentiate,
  evaluate: squaredEvaluate,
  outputOf: (score) => score,
};

/** Log loss for a classification, squared error (reported as its root) for a regression. */
export const trainingLossOf = (task: TrainingTask): TrainingLoss =>
  task === 'binary-classification' ? LOGISTIC : SQUARED;
