import { checkProbabilitySample } from './check-paired-sample.ts';

/**
 * Mean negative log likelihood of 0/1 labels, in nats. A probability of exactly 0 or 1 is clipped by 2^-52 (the
 * spacing of doubles at 1, as scikit-learn does), so that one wrong certainty costs 36 nats and not infinity.
 * @param probabilities of the label 1, in [0, 1].
 * @returns a number ≥ 0.
 * @throws InvalidRequestError when the lengths differ, the sample is empty, a label is not 0 or 1, or a probability is outside [0, 1].
 */
export const logLoss = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): number => {
  checkProbabilitySample(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) {
    const probability = probabilities[i] as number;
    const ofLabel = labels[i] === 1 ? probability : 1 - probability;
    sum -= Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, ofLabel)));
  }
  return sum / labels.length;
};
