import { type BinnedRows, binRows, locateBins, MISSING_BIN } from './binned-rows.ts';
import { checkTrainingInput, columnOf } from './check-training-input.ts';
import { encodeCategories } from './encode-categories.ts';
import type { CategoryEncoder, GradientBoostedTrees, TrainingInput, Tree } from './gradient-boosted-trees.ts';
import { createTreeGrower, type GrownTree } from './grow-tree.ts';
import { type TrainingLoss, trainingLossOf } from './training-loss.ts';

/** One row in this many, the newest, judges when to stop. */
const VALIDATION_PART = 10;

interface PreparedRows {
  readonly rows: BinnedRows;
  readonly trainingRowCount: number;
  readonly encoders: readonly CategoryEncoder[];
  readonly features: GradientBoostedTrees['features'];
}

const prepareRows = ({ features, columns, label, settings }: TrainingInput): PreparedRows => {
  const rowCount = label.length;
  const validationRowCount = settings.earlyStoppingRounds > 0 ? Math.floor(rowCount / VALIDATION_PART) : 0;
  const trainingRowCount = rowCount - validationRowCount;
  const encoders: CategoryEncoder[] = [];
  const checked: { name: string; type: 'number' | 'category'; nullable: boolean }[] = [];
  const rows = binRows({
    rowCount,
    trainingRowCount,
    featureCount: features.length,
    featureValues: (featureIndex) => {
      const feature = features[featureIndex] as TrainingInput['features'][number];
      const column = columnOf(feature, columns, rowCount);
      let values: Float32Array;
      if (ArrayBuffer.isView(column)) values = Float32Array.from(column as Float64Array);
      else {
        const { encoder, encoded } = encodeCategories({
          featureIndex,
          column: column as readonly string[],
          label,
          trainingRowCount,
          seed: settings.seed,
        });
        encoders.push(encoder);
        values = encoded;
      }
      const nullable = feature.nullable ?? values.some(Number.isNaN);
      checked.push({ name: feature.name, type: feature.type, nullable });
      return values;
    },
  });
  return { rows, trainingRowCount, encoders, features: checked };
};

const addLeafValues = (scores: Float64Array, { tree, leaves, indices }: GrownTree): void => {
  for (const { node, start, end } of leaves) {
    const value = tree.leafValue[node] as number;
    for (let k = start; k < end; k++) {
      const row = indices[k] as number;
      scores[row] = (scores[row] as number) + value;
    }
  }
};

/** Walks the rows from `start` on, which the tree has not been grown from, by their bins. */
const addPredictions = (scores: Float64Array, start: number, rows: BinnedRows, { tree, splitBin }: GrownTree): void => {
  const bins = Array.from(tree.featureIndex, (feature) => locateBins(rows, Math.max(0, feature)));
  for (let row = start; row < rows.rowCount; row++) {
    let node = 0;
    while ((tree.featureIndex[node] as number) >= 0) {
      const { words, shift } = bins[node] as { words: Int32Array; shift: number };
      const bin = ((words[row] as number) >>> shift) & 255;
      const goesLeft = bin === MISSING_BIN ? tree.missingGoesLeft[node] === 1 : bin <= (splitBin[node] as number);
      node = (goesLeft ? tree.left[node] : tree.right[node]) as number;
    }
    scores[row] = (scores[row] as number) + (tree.leafValue[node] as number);
  }
};

interface Boosted {
  readonly trees: readonly Tree[];
  readonly bestRound: number;
  readonly trainingLosses: readonly number[];
  readonly validationLosses: readonly number[];
}

const boost = (input: TrainingInput, prepared: PreparedRows, loss: TrainingLoss, baseScore: number): Boosted => {
  const { label, settings, onProgress } = input;
  const { rows, trainingRowCount } = prepared;
  const validated = trainingRowCount < rows.rowCount;
  const scores = new Float64Array(rows.rowCount).fill(baseScore);
  const gradients = new Float32Array(2 * trainingRowCount);
  const growTree = createTreeGrower(rows, trainingRowCount, settings);
  const trees: Tree[] = [];
  const trainingLosses: number[] = [];
  const validationLosses: number[] = [];
  let bestRound = 0;
  loss.differentiate(label, scores, gradients);
  for (let round = 1; round <= settings.rounds; round++) {
    const grown = growTree(gradients);
    if (grown === undefined) break;
    trees.push(grown.tree);
    addLeafValues(scores, grown);
    const trainingLoss = loss.differentiate(label, scores, gradients);
    trainingLosses.push(trainingLoss);
    if (!validated) {
      bestRound = round;
      onProgress?.(round, trainingLoss);
      continue;
    }
    addPredictions(scores, trainingRowCount, rows, grown);
    const validationLoss = loss.evaluate(label, scores, trainingRowCount);
    validationLosses.push(validationLoss);
    onProgress?.(round, trainingLoss, validationLoss);
    if (bestRound === 0 || validationLoss < (validationLosses[bestRound - 1] as number)) bestRound = round;
    if (round - bestRound >= settings.earlyStoppingRounds) break;
  }
  return { trees: trees.slice(0, bestRound), bestRound, trainingLosses, validationLosses };
};

/**
 * Trains histogram gradient-boosted trees, leaf by leaf as LightGBM does, on one thread. The same input gives the
 * same model, bit for bit. Numbers are rounded to float32 first: that is what the model is asked with.
 *
 * With early stopping the newest tenth of the rows (at least ten rows are needed) is not learned from but
 * tells the best round; 0 learns from every row, as the refit on all data does with the candidate's best round.
 * @throws InvalidRequestError when a column, label or setting is not allowed.
 */
export const trainGradientBoostedTrees = (input: TrainingInput): GradientBoostedTrees => {
  checkTrainingInput(input);
  const prepared = prepareRows(input);
  const loss = trainingLossOf(input.task);
  const baseScore = loss.baseScore(input.label, prepared.trainingRowCount);
  const boosted = boost(input, prepared, loss, baseScore);
  return { task: input.task, features: prepared.features, encoders: prepared.encoders, baseScore, ...boosted };
};
