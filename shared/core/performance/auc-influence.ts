import type { Influenced } from './influence.ts';
import { rankScores } from './rank-scores.ts';

/** Weights of a row's class above and below it, those that tie with it counting half. */
interface Neighbours {
  readonly positiveCount: number;
  readonly negativeCount: number;
  /** Of a row: weight of the negatives below it, and of the positives above it. */
  readonly below: (row: number) => number;
  readonly above: (row: number) => number;
}

/** @param positiveWeights of each row as a positive; as a negative it has the rest of 1 */
const findNeighbours = (scores: ArrayLike<number>, positiveWeights: ArrayLike<number>): Neighbours => {
  const { values, rankOf } = rankScores(scores);
  const [positives, rows] = [new Float64Array(values.length), new Float64Array(values.length)];
  for (let row = 0; row < rankOf.length; row += 1) {
    const rank = rankOf[row] as number;
    positives[rank] = (positives[rank] as number) + (positiveWeights[row] as number);
    rows[rank] = (rows[rank] as number) + 1;
  }
  const [below, above] = [new Float64Array(values.length), new Float64Array(values.length)];
  let [positiveCount, negativeCount] = [0, 0];
  for (let rank = 0; rank < values.length; rank += 1) {
    const [ours, theirs] = [positives[rank] as number, (rows[rank] as number) - (positives[rank] as number)];
    below[rank] = negativeCount + theirs / 2;
    above[rank] = positiveCount + ours / 2;
    positiveCount += ours;
    negativeCount += theirs;
  }
  return {
    positiveCount,
    negativeCount,
    below: (row) => below[rankOf[row] as number] as number,
    above: (row) => positiveCount - (above[rankOf[row] as number] as number),
  };
};

/**
 * Area under the ROC curve and DeLong's structural components (DeLong, DeLong & Clarke-Pearson 1988), ties counting half,
 * in one sort. A positive moves the area by (share of negatives below − area) / positives, a negative by (share of
 * positives above − area) / negatives.
 * @returns undefined while only one class has labels.
 */
export const aucInfluence = (labels: ArrayLike<number>, scores: ArrayLike<number>): Influenced | undefined => {
  const { positiveCount, negativeCount, below, above } = findNeighbours(scores, labels);
  if (positiveCount === 0 || negativeCount === 0) return undefined;
  let pairs = 0;
  for (let row = 0; row < labels.length; row += 1) if (labels[row] === 1) pairs += below(row);
  const value = pairs / positiveCount / negativeCount;
  const influence = new Float64Array(labels.length);
  for (let row = 0; row < influence.length; row += 1)
    influence[row] =
      labels[row] === 1
        ? (below(row) / negativeCount - value) / positiveCount
        : (above(row) / positiveCount - value) / negativeCount;
  return { value, influence };
};

/**
 * The area that is expected when row i is positive with probability cᵢ, independently: Σ cᵢ(1 − cⱼ)·[i above j] over
 * Σ cᵢ(1 − cⱼ), i ≠ j, and the change of it by the label of each row.
 * @returns undefined where fewer than one row of either class is expected.
 */
export const expectedAuc = (scores: ArrayLike<number>, chances: ArrayLike<number>): Influenced | undefined => {
  const { positiveCount, negativeCount, below, above } = findNeighbours(scores, chances);
  if (positiveCount < 1 || negativeCount < 1) return undefined;
  let [pairs, own] = [0, 0];
  for (let row = 0; row < chances.length; row += 1) {
    const chance = chances[row] as number;
    pairs += chance * below(row);
    // A row is no pair with itself: in its tie it was counted half.
    own += chance * (1 - chance);
  }
  const pairCount = positiveCount * negativeCount - own;
  const value = (pairs - own / 2) / pairCount;
  const influence = new Float64Array(chances.length);
  for (let row = 0; row < influence.length; row += 1)
    influence[row] = (below(row) - above(row) - value * (negativeCount - positiveCount)) / pairCount;
  return { value, influence };
};
