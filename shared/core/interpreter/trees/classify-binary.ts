import { InvalidRequestError } from '../../../kernel/errors.ts';
import { logistic, type PostTransform, transformScores } from '../scores/post-transforms.ts';
import { clearUngiven, type RowScores } from './aggregate-leaves.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';

/**
 * Two classes, as onnxruntime decides them (TreeAggregatorClassifier in
 * onnxruntime/core/providers/cpu/ml/tree_ensemble_aggregator.h): leaves may vote for one class alone, whose score then
 * stands for both.
 */
export const classifyBinary = (
  { weightTarget, weightValue }: TreeEnsemble,
  { transform, baseValues }: { readonly transform: PostTransform; readonly baseValues: ArrayLike<number> },
) => {
  const oneClassVotes = new Set(weightTarget).size === 1;
  const allPositive = weightValue.every((weight) => !(weight < 0));
  if (baseValues.length > 2)
    throw new InvalidRequestError(`base_values must have 0 to 2 values, got ${baseValues.length}`);
  if (baseValues.length === 1 && !oneClassVotes) {
    throw new InvalidRequestError('one base value for votes of two classes is not interpreted');
  }
  if (transform === 'PROBIT' && oneClassVotes) {
    throw new InvalidRequestError('PROBIT of two classes with votes for one is not interpreted');
  }

  const isSecond = (score: number): boolean => score > (oneClassVotes && allPositive ? 0.5 : 0);

  /** The score of one class for both. */
  const spread = (score: number, into: Float32Array, at: number): void => {
    if (transform === 'LOGISTIC') {
      into[at] = logistic(-score);
      into[at + 1] = logistic(score);
    } else {
      into[at] = oneClassVotes && allPositive ? 1 - score : -score;
      into[at + 1] = score;
    }
  };

  const addBases = ({ score, given }: RowScores): void => {
    const [first = 0, second = 0] = Array.from(baseValues);
    if (baseValues.length === 1) score[0] = (score[0] as number) + first;
    else if (given[1] === 1) {
      score[1] = second + (score[0] as number);
      score[0] = -(score[1] as number);
    } else {
      score[1] = (score[1] as number) + second;
      score[0] = (score[0] as number) + first;
    }
  };

  /** What decides: the second class's score, or the only one. */
  const decisive = ({ score, given }: RowScores): number =>
    given[1] === 1 ? (score[1] as number) : given[0] === 1 ? (score[0] as number) : 0;

  /** @returns the place of the label; the scores are written from `at` on. */
  return (scores: RowScores, into: Float32Array, at: number): number => {
    const { score, given } = scores;
    if (baseValues.length > 0) addBases(scores);
    const label = isSecond(decisive(scores)) ? 1 : 0;
    if (baseValues.length < 2 && given[1] === 0) {
      spread(given[0] === 1 ? (score[0] as number) : 0, into, at);
    } else {
      clearUngiven(scores);
      transformScores(score, transform);
      into.set(score, at);
    }
    return label;
  };
};
