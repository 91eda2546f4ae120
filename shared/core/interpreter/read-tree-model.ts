import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Tensor } from '../inference/index.ts';
import { readGraph } from './graph/read-graph.ts';
import { type Plan, planGraph, type Step } from './plan.ts';
import { runStep, startSlots } from './run-plan.ts';
import { traceSources } from './trace-sources.ts';
import { fulfils } from './trees/comparisons.ts';
import { numbersAt } from './trees/numbers-at.ts';
import { readTreeEnsemble } from './trees/read-tree-ensemble.ts';
import { LEAF, NODE_MODES, type NodeMode, type TreeEnsemble } from './trees/tree-ensemble.ts';
import { newValue, numbersOf, type Value } from './value.ts';

/** What trees are asked with, one row after another. */
export interface TreeRows {
  readonly data: ArrayLike<number>;
  readonly rowCount: number;
  /** Numbers of one row. */
  readonly stride: number;
}

/** The trees of a graph as they stand, for who asks why they answer what they do. */
export interface TreeModel {
  readonly ensemble: TreeEnsemble;
  /** `AVERAGE` divides by the number of trees. */
  readonly aggregate: string;
  readonly baseValues: readonly number[];
  /** Of each of the trees' features: the graph's inputs that it is computed from, as their places. */
  readonly sources: readonly (readonly number[])[];
  /** What the trees are asked with, for rows of the graph's inputs. @throws InvalidRequestError for inputs that do not fit. */
  featuresOf(inputs: readonly Tensor[]): TreeRows;
  /** Does a value go to the true child of a node? NaN as the node says. */
  goesTrue(node: number, value: number): boolean;
  isLeaf(node: number): boolean;
}

const TREE_OPERATOR = /^ai\.onnx\.ml:TreeEnsemble(Regressor|Classifier)$/;

const isTreeStep = ({ node }: Step): boolean => TREE_OPERATOR.test(node.operator);

const ensembleOf = ({ node: { operator, attributes } }: Step, input: Value): TreeEnsemble => {
  const precision = input.datatype === 'FP64' ? 'FP64' : 'FP32';
  if (operator.endsWith('Regressor')) {
    return readTreeEnsemble(attributes, {
      prefix: 'target',
      precision,
      targetCount: attributes.integer('n_targets') ?? 0,
    });
  }
  const targetCount =
    attributes.texts('classlabels_strings').length || attributes.integers('classlabels_int64s').length;
  return readTreeEnsemble(attributes, { prefix: 'class', precision, targetCount });
};

const rowsOf = (value: Value): TreeRows => {
  const [rowCount = 0, stride = 0] = value.shape;
  const numbers = numbersOf(value);
  const isFloat = value.datatype === 'FP32' || value.datatype === 'FP64';
  return { data: isFloat ? numbers : Float32Array.from(numbers), rowCount, stride };
};

/** One row of zeros and empty texts. */
const neutralRow = ({ inputs }: Plan): readonly Tensor[] =>
  inputs.map(({ name, datatype, shape }) => ({
    name,
    ...newValue(
      datatype,
      shape.map((size) => (size === -1 ? 1 : size)),
    ),
  }));

const comparerOf = ({ nodes }: TreeEnsemble): TreeModel['goesTrue'] => {
  const conditions = Array.from(nodes.mode, (mode, at) => ({
    mode: NODE_MODES[mode] as NodeMode,
    threshold: nodes.threshold[at] as number,
    missingTracksTrue: nodes.missingTracksTrue[at] === 1,
  }));
  return (node, value) => fulfils(value, conditions[node] as (typeof conditions)[number]);
};

const treeModelOf = (plan: Plan): TreeModel => {
  const trees = plan.steps.filter(isTreeStep);
  const [step] = trees;
  if (step === undefined || trees.length > 1) {
    throw new InvalidRequestError(`the graph has ${trees.length} ensembles of trees, one is explained as such`);
  }
  const before = plan.steps.slice(0, plan.steps.indexOf(step));
  const runBefore = (inputs: readonly Tensor[]): (Value | undefined)[] => {
    const slots = startSlots(plan, inputs);
    for (const each of before) runStep(each, slots);
    return slots;
  };
  const place = step.inputSlots[0] as number;
  const slots = runBefore(neutralRow(plan));
  const ensemble = ensembleOf(step, slots[place] as Value);
  const { attributes } = step.node;
  return {
    ensemble,
    aggregate: step.node.operator.endsWith('Regressor') ? (attributes.text('aggregate_function') ?? 'SUM') : 'SUM',
    baseValues: Array.from(numbersAt(attributes, 'base_values')),
    sources: traceSources(plan, before, slots, place),
    featuresOf: (inputs) => rowsOf(runBefore(inputs)[place] as Value),
    goesTrue: comparerOf(ensemble),
    isLeaf: (node) => ensemble.nodes.mode[node] === LEAF,
  };
};

/**
 * Reads the one ensemble of trees of a model, and what its features are computed from.
 * @returns why not, for a model that is no such ensemble, or not interpreted.
 */
export const readTreeModel = (bytes: Uint8Array): { readonly trees: TreeModel } | { readonly refused: string } => {
  try {
    return { trees: treeModelOf(planGraph(readGraph(bytes))) };
  } catch (error) {
    if (error instanceof InvalidRequestError) return { refused: error.message };
    throw error;
  }
};
