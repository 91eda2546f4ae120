import { columnOf } from './check-training-input.ts';
import { encodeColumn } from './encode-categories.ts';
import type { FeatureColumns, GradientBoostedTrees, Tree } from './gradient-boosted-trees.ts';
import { trainingLossOf } from './training-loss.ts';

/** Rows that pass all trees before the next ones do: their values stay in the processor's cache. */
const BLOCK_ROWS = 512;

const featureValues = (model: GradientBoostedTrees, columns: FeatureColumns, rowCount: number): Float32Array[] => {
  const encoderByFeature = new Map(model.encoders.map((encoder) => [encoder.featureIndex, encoder]));
  return model.features.map((feature, featureIndex) => {
    const column = columnOf(feature, columns, rowCount);
    const encoder = encoderByFeature.get(featureIndex);
    return encoder === undefined
      ? Float32Array.from(column as Float64Array)
      : encodeColumn(encoder, column as readonly string[]);
  });
};

const leafOf = (tree: Tree, values: readonly Float32Array[], row: number): number => {
  let node = 0;
  for (let feature = tree.featureIndex[0] as number; feature >= 0; feature = tree.featureIndex[node] as number) {
    const value = (values[feature] as Float32Array)[row] as number;
    const goesLeft =
      value <= (tree.threshold[node] as number) || (Number.isNaN(value) && tree.missingGoesLeft[node] === 1);
    node = (goesLeft ? tree.left[node] : tree.right[node]) as number;
  }
  return node;
};

/**
 * Predicts as the ONNX graph of the same model does: values are rounded to float32, NaN and the empty string are
 * missing, an unseen category takes the prior.
 * @returns the probability of the label 1, or the predicted value, one per row.
 * @throws InvalidRequestError when a feature's column is absent, of another length or of another type.
 */
export const predictGradientBoostedTrees = (
  model: GradientBoostedTrees,
  columns: FeatureColumns,
  rowCount: number,
): Float32Array => {
  const values = featureValues(model, columns, rowCount);
  const scores = new Float64Array(rowCount).fill(model.baseScore);
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
    const end = Math.min(rowCount, start + BLOCK_ROWS);
    for (const tree of model.trees) {
      for (let row = start; row < end; row++) {
        scores[row] = (scores[row] as number) + (tree.leafValue[leafOf(tree, values, row)] as number);
      }
    }
  }
  return Float32Array.from(scores, trainingLossOf(model.task).outputOf);
};
