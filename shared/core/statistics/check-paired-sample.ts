import { InvalidRequestError } from '../../kernel/errors.ts';

/**
 * Refuses labels and scores that no score function can answer for: unequal lengths, none at all, NaN or infinity.
 * @throws InvalidRequestError
 */
export const checkPairedSample = (labels: ArrayLike<number>, scores: ArrayLike<number>): void => {
  if (labels.length !== scores.length) {
    throw new InvalidRequestError(
      `labels and scores must be of equal length, got ${labels.length} labels and ${scores.length} scores`,
    );
  }
  if (labels.length === 0) throw new InvalidRequestError('a sample must hold at least one row, got 0');
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isFinite(labels[i])) throw new InvalidRequestError(`label ${i} must be finite, got ${labels[i]}`);
    if (!Number.isFinite(scores[i])) throw new InvalidRequestError(`score ${i} must be finite, got ${scores[i]}`);
  }
};

/**
 * As `checkPairedSample`, for a classification: every label must be 0 or 1.
 * @throws InvalidRequestError
 */
export const checkBinarySample = (labels: ArrayLike<number>, scores: ArrayLike<number>): void => {
  checkPairedSample(labels, scores);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0 && labels[i] !== 1) {
      throw new InvalidRequestError(`label ${i} must be 0 or 1, got ${labels[i]}`);
    }
  }
};

/**
 * As `checkBinarySample`, for scores that are probabilities: each must lie in [0, 1].
 * @throws InvalidRequestError
 */
export const checkProbabilitySample = (labels: ArrayLike<number>, probabilities: ArrayLike<number>): void => {
  checkBinarySample(labels, probabilities);
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i] as number;
    if (probability < 0 || probability > 1) {
      throw new InvalidRequestError(`probability ${i} must be in [0, 1], got ${probability}`);
    }
  }
};
