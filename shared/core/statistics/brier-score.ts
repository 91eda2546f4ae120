import { checkProbabilitySample } from './check-paired-sample.ts';

/**
 * Mean squared distance between probability and 0/1 label (Brier 1950, in its two-class form).
 * @param probabilities of the label 1, in [0, 1].
 * @returns a number in [0, 1]; 0 is perfect.
 * @throws InvalidRequestError when the lengths differ, the sample is empty, a label is not 0 or 1, or a probability is outside [0, 1].
 */
export const brierScore = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): number => {
  checkProbabilitySample(labels, probabilities);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += ((probabilities[i] as number) - (labels[i] as number)) ** 2;
  return sum / labels.length;
};
