import { checkPairedSample } from './check-paired-sample.ts';

/**
 * Square root of the mean squared difference between label and prediction, in the label's unit.
 * @returns a number ≥ 0; 0 is perfect.
 * @throws InvalidRequestError when the lengths differ, the sample is empty or a value is not finite.
 */
export const rootMeanSquaredError = (labels: ArrayLike<number>, predictions: ArrayLike<number>): number => {
  checkPairedSample(labels, predictions);
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += ((predictions[i] as number) - (labels[i] as number)) ** 2;
  return Math.sqrt(sum / labels.length);
};
