import { InvalidRequestError } from '../../kernel/errors.ts';
import { checkBinarySample } from './check-paired-sample.ts';

/** Negatives below a positive count 1, negatives equal to it count 1/2; both arrays ascend. */
const concordantPairs = (positives: Float64Array, negatives: Float64Array): number => {
  let below = 0;
  let belowOrEqual = 0;
  let pairs = 0;
  for (const positive of positives) {
    while (below < negatives.length && (negatives[below] as number) < positive) below++;
    while (belowOrEqual < negatives.length && (negatives[belowOrEqual] as number) <= positive) belowOrEqual++;
    pairs += (below + belowOrEqual) / 2;
  }
  return pairs;
};

/**
 * Area under the ROC curve: the share of (positive, negative) pairs in which the positive scores higher, ties
 * counting half (Hanley and McNeil 1982; the Mann–Whitney U statistic over its maximum).
 * @param labels 0 or 1, of both classes.
 * @param scores any finite numbers; higher means more likely positive.
 * @returns a number in [0, 1].
 * @throws InvalidRequestError when the lengths differ, a value is not finite, a label is not 0 or 1, or one class is absent.
 */
export const areaUnderRocCurve = (labels: ArrayLike<number>, scores: ArrayLike<number>): number => {
  checkBinarySample(labels, scores);
  const byClass = (label: number): Float64Array =>
    Float64Array.from(scores)
      .filter((_, i) => labels[i] === label)
      .sort();
  const positives = byClass(1);
  const negatives = byClass(0);
  if (positives.length === 0 || negatives.length === 0) {
    throw new InvalidRequestError(
      `the area under the ROC curve needs both classes, got ${positives.length} positives and ${negatives.length} negatives`,
    );
  }
  return concordantPairs(positives, negatives) / (positives.length * negatives.length);
};
