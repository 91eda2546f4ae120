/** What the built-in trainer takes and gives. Pure data; the algorithm stands beside, one step per file. */

export type TrainingTask = 'binary-classification' | 'regression';

export interface TrainingFeature {
  readonly name: string;
  readonly type: 'number' | 'category';
  /** Whether a request may leave the value out. @default whether the training rows hold a missing value */
  readonly nullable?: boolean | undefined;
}

/** Numbers (missing = NaN) or categories (missing = empty string), one per row. */
export type FeatureColumn = Float64Array | Float32Array | readonly string[];
export type FeatureColumns = ReadonlyMap<string, FeatureColumn>;

export interface TrainingSettings {
  /** Most trees to grow. */
  readonly rounds: number;
  /** Most leaves of a tree, 2 to 255. */
  readonly maxLeaves: number;
  /** Share of a leaf's best step that is taken, in (0, 1]. */
  readonly learningRate: number;
  readonly minRowsPerLeaf: number;
  /** Added to the second-derivative sum of a leaf: larger means smaller steps. */
  readonly l2: number;
  /** Rounds without improvement on the newest tenth of the rows before training stops; 0 trains on all rows. */
  readonly earlyStoppingRounds: number;
  /** Draws the folds of categories' target statistics; nothing else is random. */
  readonly seed: number;
}

export interface TrainingInput {
  readonly task: TrainingTask;
  readonly features: readonly TrainingFeature[];
  /** At least the features, by name. Rows must come ordered by event time, oldest first. */
  readonly columns: FeatureColumns;
  /** 0 or 1 for a classification. */
  readonly label: Float64Array;
  readonly settings: TrainingSettings;
  /** Losses after each round: log loss, or the root mean squared error of a regression. */
  readonly onProgress?: ((round: number, trainingLoss: number, validationLoss?: number) => void) | undefined;
}

/**
 * One binary tree as parallel arrays over its nodes; node 0 is the root. A row goes left when its value, rounded
 * to float32, is ≤ the threshold, or is missing and `missingGoesLeft` is 1.
 */
export interface Tree {
  /** Position in the model's features, or -1 in a leaf. */
  readonly featureIndex: Int16Array;
  readonly threshold: Float32Array;
  readonly missingGoesLeft: Uint8Array;
  /** Child nodes; 0 in a leaf. */
  readonly left: Int16Array;
  readonly right: Int16Array;
  /** What a leaf adds to the score, learning rate included; 0 elsewhere. */
  readonly leafValue: Float32Array;
  /** Training rows that came by the node. */
  readonly rowCount: Int32Array;
}

/** Turns a category into a number: its smoothed mean label. */
export interface CategoryEncoder {
  readonly featureIndex: number;
  /** Of a category that training has not seen. */
  readonly prior: number;
  /** Float32 values by category, ordered by UTF-16 code units. */
  readonly valueByCategory: ReadonlyMap<string, number>;
}

export interface GradientBoostedTrees {
  readonly task: TrainingTask;
  readonly features: readonly (TrainingFeature & { readonly nullable: boolean })[];
  readonly encoders: readonly CategoryEncoder[];
  /** The score before any tree: a log-odds or a mean. Exact in float32. */
  readonly baseScore: number;
  /** The best round's trees and those before it. */
  readonly trees: readonly Tree[];
  /** Trees kept: the round of least validation loss, or of the last tree without early stopping. */
  readonly bestRound: number;
  /** After each round that ran, also those past the best. */
  readonly trainingLosses: readonly number[];
  /** Empty without early stopping. */
  readonly validationLosses: readonly number[];
}

/** The name of the one output, in the graph and in the signature. */
export const outputName = (task: TrainingTask): 'probability' | 'value' =>
  task === 'binary-classification' ? 'probability' : 'value';
