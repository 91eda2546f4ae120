import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Tensor } from '../inference/index.ts';
import { readTreeModel, type TreeModel } from '../interpreter/index.ts';
import { type Counterfactual, findCounterfactual } from './counterfactual.ts';
import { enumerateShapley, fewestPairs, type Game, kernelShap } from './kernel-shap.ts';
import { findMargin, type Link, leafValues, logit, outputOf } from './margin.ts';
import { type Columns, type FeatureInput, type Predict, tensorsOf } from './rows.ts';
import { seededRandom } from './seeded-random.ts';
import { type Contributions, interventionalShap, pathDependentShap, type TreeShapModel } from './tree-shap.ts';

/** Why a row has its prediction. */
export interface Explanation {
  readonly method: ExplanationMethod;
  /** What contributions start from: the margin that is expected when nothing is known of the row. */
  readonly baseline: number;
  /** Log-odds of a probability, or the value itself: the baseline and all contributions added up. */
  readonly margin: number;
  /** By feature. */
  readonly contributions: Readonly<Record<string, number>>;
  /** Of sampled contributions: half the width of each one's 95 % interval. */
  readonly errors?: Readonly<Record<string, number>>;
}

export type ExplanationMethod = 'tree-path-dependent' | 'tree-interventional' | 'kernel';

/** What explaining a model takes beside the model: the rows that its training saw, counted or in part. */
export interface ExplanationBasis {
  /** Training rows by node, in the order of the graph's nodes. */
  readonly covers?: readonly number[] | undefined;
  readonly background?: { readonly rowCount: number; readonly columns: Columns } | undefined;
}

export interface Explainer {
  readonly method: ExplanationMethod;
  /** How a prediction follows from the margin: `logit` for a probability. */
  readonly link: Link;
  /** Rows that one request may have explained. */
  readonly mostRows: number;
  /**
   * @param outputs what the model answered to the rows.
   * @throws InvalidRequestError for more rows than may be explained at once.
   */
  explain(inputs: readonly Tensor[], outputs: ArrayLike<number>): Promise<readonly Explanation[]>;
  /** What would have to be otherwise in one row for its prediction to cross a limit; null where nothing was found. */
  counterfactual(inputs: readonly Tensor[], limit: number): Promise<Counterfactual | null>;
}

type RowsExplainer = Omit<Explainer, 'counterfactual'>;

export interface ExplainedModel {
  /** The ONNX graph. */
  readonly bytes: Uint8Array;
  readonly task: 'binary-classification' | 'regression';
  /** In the graph's order. */
  readonly inputs: readonly FeatureInput[];
  readonly predict: Predict;
  readonly basis: ExplanationBasis;
}

/** Nodes that are visited for one request: some seconds of one processor. */
const MOST_VISITS = 2 ** 28;
/** Rows that the model is asked with for one request. */
const MOST_MODEL_ROWS = 2 ** 21;
const MOST_EXPLAINED_ROWS = 500;
const PAIRS = 512;
/** Rows that the model is asked with at once. */
const ROWS_PER_RUN = 2 ** 15;
const SEED = 1;
/** A served output is a float32 made of rounded sums. */
const SERVED_TOLERANCE = 1e-3;

const named = (inputs: readonly FeatureInput[], values: ArrayLike<number>): Readonly<Record<string, number>> =>
  Object.fromEntries(inputs.map(({ name }, at) => [name, values[at] as number]));

const rowsWithin = (budget: number, perRow: number): number =>
  Math.max(0, Math.min(MOST_EXPLAINED_ROWS, Math.floor(budget / perRow)));

const requireRows = (rowCount: number, { mostRows, method }: Pick<Explainer, 'mostRows' | 'method'>): void => {
  if (rowCount <= mostRows) return;
  throw new InvalidRequestError(
    mostRows === 0
      ? `the model is too large to be explained by ${method}`
      : `at most ${mostRows} rows of this model are explained at once (by ${method}), got ${rowCount}`,
  );
};

/** @returns undefined where a feature of the trees comes from several inputs, or from none. */
const playersOf = ({ sources, ensemble: { nodes } }: TreeModel): Int32Array | undefined => {
  const used = new Set(nodes.feature.filter((_, node) => nodes.trueChild[node] !== -1));
  const players = Int32Array.from(sources, (from, column) => {
    if (from.length === 1) return from[0] as number;
    return used.has(column) ? -1 : 0;
  });
  const traced = [...used].every((column) => (players[column] ?? -1) >= 0);
  return traced ? players : undefined;
};

/** Covers that path-dependent contributions can be had from: every way down was taken by some row. */
const fitsCovers = ({ ensemble: { nodes } }: TreeModel, covers: readonly number[] | undefined): boolean =>
  covers !== undefined && covers.length === nodes.mode.length && covers.every((cover) => cover > 0);

interface OpenTrees {
  readonly model: TreeShapModel;
  readonly link: Link;
}

const openTrees = async (
  { bytes, inputs, predict }: ExplainedModel,
  probe: { readonly rowCount: number; readonly columns: Columns },
): Promise<OpenTrees | undefined> => {
  const read = readTreeModel(bytes);
  if ('refused' in read) return undefined;
  const { trees } = read;
  const players = playersOf(trees);
  if (players === undefined) return undefined;
  const tensors = tensorsOf(inputs, probe.columns, probe.rowCount);
  const margin = findMargin(trees, trees.featuresOf(tensors), await predict(tensors, probe.rowCount));
  if (margin === undefined) return undefined;
  return {
    model: { trees, players, playerCount: inputs.length, values: leafValues(trees, margin), base: margin.base },
    link: margin.link,
  };
};

const treeExplainer = ({ inputs, basis }: ExplainedModel, { model, link }: OpenTrees): RowsExplainer | undefined => {
  const { trees } = model;
  const nodeCount = trees.ensemble.nodes.mode.length;
  const byCovers = fitsCovers(trees, basis.covers);
  const { background } = basis;
  if (!byCovers && background === undefined) return undefined;
  let explainRow: ReturnType<typeof pathDependentShap>;
  let perRow = 32 * nodeCount;
  if (byCovers) explainRow = pathDependentShap(model, basis.covers as readonly number[]);
  else {
    const { rowCount, columns } = background as NonNullable<typeof background>;
    explainRow = interventionalShap(model, trees.featuresOf(tensorsOf(inputs, columns, rowCount)));
    perRow = rowCount * nodeCount;
  }
  const method: ExplanationMethod = byCovers ? 'tree-path-dependent' : 'tree-interventional';
  const mostRows = rowsWithin(MOST_VISITS, perRow);
  const toExplanation = ({ expected, values }: Contributions): Explanation => ({
    method,
    baseline: expected,
    margin: values.reduce((sum, value) => sum + value, expected),
    contributions: named(inputs, values),
  });
  return {
    method,
    link,
    mostRows,
    explain: async (tensors, outputs) => {
      requireRows(outputs.length, { mostRows, method });
      const rows = trees.featuresOf(tensors);
      return Array.from({ length: outputs.length }, (_, row) => {
        const explanation = toExplanation(explainRow(rows, row));
        const served = outputs[row] as number;
        const excess = Math.abs(outputOf(link, explanation.margin) - served);
        if (excess <= SERVED_TOLERANCE * Math.max(1, Math.abs(served))) return explanation;
        throw new InvalidRequestError(
          `row ${row} is not explained: its trees come to ${outputOf(link, explanation.margin)}, the model answers ${served}`,
        );
      });
    },
  };
};

const toMargin = (link: Link, output: number): number => (link === 'logit' ? logit(output) : output);

/** One row as a game: who is not in a coalition has the background's values, one background row after another. */
const gameOf = (
  { inputs, predict }: ExplainedModel,
  background: NonNullable<ExplanationBasis['background']>,
  row: readonly Tensor[],
  link: Link,
): Game => {
  const { rowCount, columns } = background;
  const perRun = Math.max(1, Math.floor(ROWS_PER_RUN / rowCount));
  const cell = (at: number, coalition: Uint8Array, other: number): number | string => {
    const { name } = inputs[at] as FeatureInput;
    return (coalition[at] === 1 ? row[at]?.data[0] : columns[name]?.[other]) as number | string;
  };
  const tensorsFor = (coalitions: readonly Uint8Array[]): readonly Tensor[] =>
    inputs.map(({ name, datatype }, at) => {
      const cells = coalitions.flatMap((coalition) =>
        Array.from({ length: rowCount }, (_, other) => cell(at, coalition, other)),
      );
      const data = datatype === 'FP32' ? Float32Array.from(cells as number[]) : (cells as string[]);
      return { name, datatype, shape: [cells.length, 1], data };
    });
  return {
    playerCount: inputs.length,
    worth: async (coalitions) => {
      const worths = new Float64Array(coalitions.length);
      for (let from = 0; from < coalitions.length; from += perRun) {
        const some = coalitions.slice(from, from + perRun);
        const outputs = await predict(tensorsFor(some), some.length * rowCount);
        for (let at = 0; at < some.length; at++) {
          let sum = 0;
          for (let other = 0; other < rowCount; other++)
            sum += toMargin(link, outputs[at * rowCount + other] as number);
          worths[from + at] = sum / rowCount;
        }
      }
      return worths;
    },
  };
};

const rowOf = (tensors: readonly Tensor[], row: number): readonly Tensor[] =>
  tensors.map((tensor) => ({ ...tensor, shape: [1, 1], data: tensor.data.slice(row, row + 1) }) as Tensor);

const kernelExplainer = (
  model: ExplainedModel,
  background: NonNullable<ExplanationBasis['background']>,
): RowsExplainer => {
  const { inputs, task } = model;
  const link: Link = task === 'binary-classification' ? 'logit' : 'identity';
  const pairs = Math.max(PAIRS, fewestPairs(inputs.length));
  const mostRows = rowsWithin(MOST_MODEL_ROWS, (2 * pairs + 2) * background.rowCount);
  return {
    method: 'kernel',
    link,
    mostRows,
    explain: async (tensors, outputs) => {
      requireRows(outputs.length, { mostRows, method: 'kernel' });
      const explanations: Explanation[] = [];
      for (let row = 0; row < outputs.length; row++) {
        const game = gameOf(model, background, rowOf(tensors, row), link);
        const found = await (inputs.length === 1
          ? enumerateShapley(game)
          : kernelShap(game, { pairs, random: seededRandom(SEED + row) }));
        explanations.push({
          method: 'kernel',
          baseline: found.expected,
          margin: found.values.reduce((sum, value) => sum + value, found.expected),
          contributions: named(inputs, found.values),
          errors: named(inputs, found.errors),
        });
      }
      return explanations;
    },
  };
};

/** Looks among values of the background; without any, nothing is found. */
const searchOf =
  ({ inputs, predict, basis: { background } }: ExplainedModel): Explainer['counterfactual'] =>
  async (tensors, limit) => {
    if (background === undefined) return null;
    const row = tensors.map(({ data }) => data[0] as number | string);
    return (await findCounterfactual({ inputs, predict, background, limit }, row)) ?? null;
  };

const NEUTRAL = { rowCount: 1, columns: {} };

/**
 * Opens the way by which a model is explained: trees exactly, by the training rows' counts where they are kept and else
 * by background rows; every other model by sampling, with error bars.
 * @returns why not, for a model of which neither is kept.
 */
export const openExplainer = async (
  model: ExplainedModel,
): Promise<{ readonly explainer: Explainer } | { readonly refused: string }> => {
  const { background } = model.basis;
  const trees = await openTrees(model, background ?? NEUTRAL);
  const explainer = trees && treeExplainer(model, trees);
  const found = explainer ?? (background && kernelExplainer(model, background));
  if (found !== undefined) return { explainer: { ...found, counterfactual: searchOf(model) } };
  return { refused: 'neither the training rows of its trees nor background rows are kept with it' };
};
