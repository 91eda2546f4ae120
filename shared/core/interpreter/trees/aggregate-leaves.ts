import type { Aggregate, TreeEnsemble } from './tree-ensemble.ts';

/** One row's score for each target, in the precision of the trees, and whether any leaf gave one. */
export interface RowScores {
  readonly score: Float32Array | Float64Array;
  readonly given: Uint8Array;
}

export const createRowScores = ({ precision, targetCount }: TreeEnsemble): RowScores => ({
  score: precision === 'FP32' ? new Float32Array(targetCount) : new Float64Array(targetCount),
  given: new Uint8Array(targetCount),
});

/** Is a weight taken in the place of the smallest or largest so far? NaN so far stays, as onnxruntime has it. */
const replaces = (aggregate: Aggregate, weight: number, best: number): boolean =>
  aggregate === 'MIN' ? weight < best : weight > best;

/** Gathers a row's leaves in the order of the trees: sums are rounded after each, so that the order matters. */
export const aggregateLeaves = (
  ensemble: TreeEnsemble,
  aggregate: Aggregate,
  leaves: Int32Array,
  { score, given }: RowScores,
): void => {
  const { weightTarget, weightValue } = ensemble;
  const { firstWeight, weightCount } = ensemble.nodes;
  const adds = aggregate === 'SUM' || aggregate === 'AVERAGE';
  score.fill(0);
  given.fill(0);
  for (let tree = 0; tree < leaves.length; tree++) {
    const leaf = leaves[tree] as number;
    const first = firstWeight[leaf] as number;
    const end = first + (weightCount[leaf] as number);
    for (let at = first; at < end; at++) {
      const target = weightTarget[at] as number;
      const weight = weightValue[at] as number;
      const best = score[target] as number;
      if (adds) score[target] = best + weight;
      else if (given[target] === 0 || replaces(aggregate, weight, best)) score[target] = weight;
      given[target] = 1;
    }
  }
};

/** A target that no leaf votes for scores 0, base value or not, as onnxruntime has it. */
export const clearUngiven = ({ score, given }: RowScores): void => {
  for (let target = 0; target < score.length; target++) if (given[target] === 0) score[target] = 0;
};
