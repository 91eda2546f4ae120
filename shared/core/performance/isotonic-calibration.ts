import { InvalidRequestError } from '../../kernel/errors.ts';
import { rankScores } from './rank-scores.ts';

/** A rising map from answers to chances, linear between its knots. JSON, some hundred knots. */
export interface Calibration {
  /** Labelled rows that it was learnt from. */
  readonly rowCount: number;
  /** Ascending. */
  readonly scores: readonly number[];
  /** Not falling, in [0, 1]. */
  readonly chances: readonly number[];
}

interface Block {
  first: number;
  last: number;
  weight: number;
  sum: number;
}

const meanOf = ({ weight, sum }: Block): number => sum / weight;

/** Rows of one score are one block from the beginning, so that ties get one chance. */
const pooledTies = (labels: ArrayLike<number>, scores: ArrayLike<number>): readonly Block[] => {
  const { values, rankOf } = rankScores(scores);
  const blocks = Array.from(values, (score): Block => ({ first: score, last: score, weight: 0, sum: 0 }));
  for (let row = 0; row < rankOf.length; row += 1) {
    const block = blocks[rankOf[row] as number] as Block;
    block.weight += 1;
    block.sum += labels[row] as number;
  }
  return blocks;
};

/** Pool adjacent violators (Ayer et al. 1955): neighbours that would fall are one block. */
const poolViolators = (ties: readonly Block[]): readonly Block[] => {
  const blocks: Block[] = [];
  for (const tie of ties) {
    let block = tie;
    for (let before = blocks.at(-1); before !== undefined && meanOf(before) >= meanOf(block); before = blocks.at(-1)) {
      block = {
        first: before.first,
        last: block.last,
        weight: before.weight + block.weight,
        sum: before.sum + block.sum,
      };
      blocks.pop();
    }
    blocks.push(block);
  }
  return blocks;
};

/**
 * Isotonic regression of labels on scores, as scikit-learn's `IsotonicRegression(out_of_bounds='clip')` has it: least
 * squares among rising steps, read off linearly between the ends of neighbouring steps.
 * @throws InvalidRequestError for an empty or uneven sample.
 */
export const learnCalibration = (labels: ArrayLike<number>, scores: ArrayLike<number>): Calibration => {
  if (labels.length === 0 || labels.length !== scores.length)
    throw new InvalidRequestError(
      `a calibration needs as many scores as labels, at least one, got ${labels.length} labels and ${scores.length} scores`,
    );
  const knots = poolViolators(pooledTies(labels, scores)).flatMap((block) => {
    const chance = meanOf(block);
    return block.first === block.last
      ? [[block.first, chance] as const]
      : [[block.first, chance] as const, [block.last, chance] as const];
  });
  return {
    rowCount: labels.length,
    scores: knots.map(([score]) => score),
    chances: knots.map(([, chance]) => chance),
  };
};

/** The chance at one score; outside the knots that of the nearest. */
export const chanceOf = ({ scores, chances }: Calibration, score: number): number => {
  let [low, high] = [0, scores.length - 1];
  if (score <= (scores[low] as number)) return chances[low] as number;
  if (score >= (scores[high] as number)) return chances[high] as number;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((scores[middle] as number) <= score) low = middle;
    else high = middle;
  }
  const [from, to] = [scores[low] as number, scores[high] as number];
  const share = (score - from) / (to - from);
  return (1 - share) * (chances[low] as number) + share * (chances[high] as number);
};

/**
 * Chances of predictions, kept off 0 and 1 by one row's doubt: that none of n rows was positive does not say that none
 * ever is.
 */
export const calibratedChances = (calibration: Calibration, predictions: ArrayLike<number>): Float64Array => {
  const least = 1 / (calibration.rowCount + 2);
  return Float64Array.from(predictions, (score) => Math.min(1 - least, Math.max(least, chanceOf(calibration, score))));
};
