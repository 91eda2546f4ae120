import { InvalidRequestError } from '../../../kernel/errors.ts';
import { POST_TRANSFORMS, type PostTransform, probit, transformScores } from '../scores/post-transforms.ts';
import { aggregateLeaves, clearUngiven, createRowScores, type RowScores } from '../trees/aggregate-leaves.ts';
import { classifyBinary } from '../trees/classify-binary.ts';
import { numbersAt } from '../trees/numbers-at.ts';
import { type PlainTrees, readPlainTrees } from '../trees/read-plain-trees.ts';
import { readTreeEnsemble } from '../trees/read-tree-ensemble.ts';
import { AGGREGATES, type Aggregate, type TreeEnsemble } from '../trees/tree-ensemble.ts';
import { createPlainWalker, createTreeWalker, type TreeWalker } from '../trees/tree-walker.ts';
import { newValue, numbersOf, type Value } from '../value.ts';
import { type CompiledNode, datatypeAt, given, type OperatorNode, type Operators, wordOf } from './operator.ts';

const NODE_ATTRIBUTES = [
  'aggregate_function',
  'base_values',
  'base_values_as_tensor',
  'nodes_falsenodeids',
  'nodes_featureids',
  'nodes_hitrates',
  'nodes_hitrates_as_tensor',
  'nodes_missing_value_tracks_true',
  'nodes_modes',
  'nodes_nodeids',
  'nodes_treeids',
  'nodes_truenodeids',
  'nodes_values',
  'nodes_values_as_tensor',
  'post_transform',
];

const weightAttributes = (prefix: 'target' | 'class'): readonly string[] =>
  ['ids', 'nodeids', 'treeids', 'weights', 'weights_as_tensor'].map((name) => `${prefix}_${name}`);

/** A classifier's: a regressor takes floats alone. */
const INPUTS = ['FP32', 'FP64', 'INT64', 'INT32'] as const;

/** What trees do with their leaves. */
interface Ending {
  readonly aggregate: Aggregate;
  readonly transform: PostTransform;
  readonly baseValues: ArrayLike<number>;
}

const endingOf = ({ attributes }: OperatorNode): Ending => ({
  aggregate: wordOf('aggregate_function', attributes.text('aggregate_function') ?? 'SUM', AGGREGATES),
  transform: wordOf('post_transform', attributes.text('post_transform') ?? 'NONE', POST_TRANSFORMS),
  baseValues: numbersAt(attributes, 'base_values'),
});

/** Features as numbers of the trees' precision: integers are compared as float32, as onnxruntime does. */
const featuresOf = (input: Value): ArrayLike<number> => {
  const numbers = numbersOf(input);
  return input.datatype === 'FP32' || input.datatype === 'FP64' ? numbers : Float32Array.from(numbers);
};

interface Rows {
  readonly data: ArrayLike<number>;
  readonly rowCount: number;
  readonly stride: number;
}

const rowsOf = (input: Value, { featureCount }: TreeEnsemble): Rows => {
  const [rowCount, stride] = input.shape;
  if (input.shape.length !== 2 || rowCount === undefined || stride === undefined || stride < featureCount) {
    throw new InvalidRequestError(
      `trees take a tensor of shape [rows, ${featureCount} or more features], got [${input.shape}]`,
    );
  }
  return { data: featuresOf(input), rowCount, stride };
};

const explain = (ensemble: TreeEnsemble, walker: TreeWalker) => (input: Value, row: number) => {
  const { data, stride } = rowsOf(input, ensemble);
  return Array.from(walker.find(data, row * stride), (leaf, index) => {
    const first = ensemble.nodes.firstWeight[leaf] as number;
    const weights = Array.from({ length: ensemble.nodes.weightCount[leaf] as number }, (_, i) => ({
      target: ensemble.weightTarget[first + i] as number,
      weight: ensemble.weightValue[first + i] as number,
    }));
    return { tree: ensemble.treeIds[index] as number, leaf: ensemble.nodes.nodeId[leaf] as number, weights };
  });
};

const roundOf = ({ precision }: TreeEnsemble): ((value: number) => number) =>
  precision === 'FP32' ? Math.fround : (value) => value;

/** A single target's end: only PROBIT is applied to it, as onnxruntime does. */
const finishOne = (ensemble: TreeEnsemble, { aggregate, transform, baseValues }: Ending) => {
  const round = roundOf(ensemble);
  const base = round(baseValues[0] ?? 0);
  const treeCount = round(ensemble.roots.length);
  return (score: number): number => {
    const sum = round((aggregate === 'AVERAGE' ? round(score / treeCount) : score) + base);
    return transform === 'PROBIT' ? probit(sum) : sum;
  };
};

const finishMany = (ensemble: TreeEnsemble, { aggregate, transform, baseValues }: Ending) => {
  const treeCount = ensemble.roots.length;
  const adds = baseValues.length === ensemble.targetCount;
  return (scores: RowScores): void => {
    const { score } = scores;
    for (let target = 0; target < score.length; target++) {
      if (aggregate === 'AVERAGE') score[target] = (score[target] as number) / treeCount;
      if (adds) score[target] = (score[target] as number) + (baseValues[target] as number);
    }
    clearUngiven(scores);
    transformScores(score, transform);
  };
};

/** Scores of one row, before their end. */
const scorer = (ensemble: TreeEnsemble, aggregate: Aggregate, walker: TreeWalker) => {
  const scores = createRowScores(ensemble);
  return (rows: Rows, row: number): RowScores => {
    aggregateLeaves(ensemble, aggregate, walker.find(rows.data, row * rows.stride), scores);
    return scores;
  };
};

const regressOne = (ensemble: TreeEnsemble, ending: Ending, walker: TreeWalker) => {
  const finish = finishOne(ensemble, ending);
  const scoreRow = scorer(ensemble, ending.aggregate, walker);
  const fast = ending.aggregate === 'SUM' || ending.aggregate === 'AVERAGE' ? walker.score : undefined;
  return (rows: Rows, into: Float32Array): void => {
    if (fast !== undefined) fast(rows, into);
    for (let row = 0; row < rows.rowCount; row++) {
      into[row] = finish(fast === undefined ? (scoreRow(rows, row).score[0] as number) : (into[row] as number));
    }
  };
};

const regressMany = (ensemble: TreeEnsemble, ending: Ending, walker: TreeWalker) => {
  const finish = finishMany(ensemble, ending);
  const scoreRow = scorer(ensemble, ending.aggregate, walker);
  return (rows: Rows, into: Float32Array): void => {
    for (let row = 0; row < rows.rowCount; row++) {
      const scores = scoreRow(rows, row);
      finish(scores);
      into.set(scores.score, row * ensemble.targetCount);
    }
  };
};

/** The rest of plain trees is read when somebody asks for it: a trace does, or a sum that is none. */
const laterRead = ({ flat, featureCount }: PlainTrees, read: () => TreeEnsemble): TreeEnsemble => {
  let whole: TreeEnsemble | undefined;
  const known = (): TreeEnsemble => {
    whole ??= read();
    return whole;
  };
  return {
    precision: 'FP32',
    targetCount: 1,
    featureCount,
    roots: flat.roots.map((root) => flat.source[root] as number),
    get nodes() {
      return known().nodes;
    },
    get treeIds() {
      return known().treeIds;
    },
    get weightTarget() {
      return known().weightTarget;
    },
    get weightValue() {
      return known().weightValue;
    },
  };
};

interface Trees {
  readonly ensemble: TreeEnsemble;
  readonly walker: TreeWalker;
}

const regressorTrees = (node: OperatorNode): Trees => {
  const { attributes } = node;
  const precision = datatypeAt(node, 0, ['FP32', 'FP64']);
  const targetCount = attributes.integer('n_targets') ?? 0;
  const read = () => readTreeEnsemble(attributes, { prefix: 'target', precision, targetCount });
  const plain = precision === 'FP32' && targetCount === 1 ? readPlainTrees(attributes) : undefined;
  if (plain !== undefined) return { ensemble: laterRead(plain, read), walker: createPlainWalker(plain) };
  const ensemble = read();
  return { ensemble, walker: createTreeWalker(ensemble) };
};

const compileRegressor = (node: OperatorNode): CompiledNode => {
  const { ensemble, walker } = regressorTrees(node);
  const { targetCount } = ensemble;
  const ending = endingOf(node);
  if (ending.baseValues.length !== 0 && ending.baseValues.length !== targetCount) {
    throw new InvalidRequestError(`base_values must have 0 or ${targetCount} values, got ${ending.baseValues.length}`);
  }
  const regress = (targetCount === 1 ? regressOne : regressMany)(ensemble, ending, walker);
  return {
    datatypes: ['FP32'],
    run: (inputs) => {
      const rows = rowsOf(given(inputs, 0), ensemble);
      const output = newValue('FP32', [rows.rowCount, targetCount]);
      regress(rows, output.data as Float32Array);
      return [output];
    },
    explainTrees: explain(ensemble, walker),
  };
};

/** Three classes or more: the largest score among those that a leaf or a base value gave. */
const classifyMany = (ensemble: TreeEnsemble, { transform, baseValues }: Ending) => {
  if (baseValues.length !== 0 && baseValues.length !== ensemble.targetCount) {
    throw new InvalidRequestError(
      `base_values must have 0 or ${ensemble.targetCount} values, got ${baseValues.length}`,
    );
  }
  return ({ score, given: has }: RowScores, into: Float32Array, at: number): number => {
    let best = -1;
    for (let target = 0; target < score.length; target++) {
      if (baseValues.length !== 0) {
        score[target] = (score[target] as number) + (baseValues[target] as number);
        has[target] = 1;
      }
      if (has[target] === 1 && (best === -1 || (score[target] as number) > (score[best] as number))) best = target;
    }
    transformScores(score, transform);
    into.set(score, at);
    return best;
  };
};

/**
 * Where leaves vote for both of two classes onnxruntime answers 0 and 1, whatever the numbers of the classes: its answer
 * is left to itself.
 */
const checkLabels = ({ weightTarget }: TreeEnsemble, labels: readonly (string | bigint)[]): void => {
  const [first, second] = labels;
  if (labels.length !== 2 || typeof first === 'string' || (first === 0n && second === 1n)) return;
  if (new Set(weightTarget).size > 1) {
    throw new InvalidRequestError(
      `votes for both classes ${first} and ${second} are not interpreted, only for 0 and 1`,
    );
  }
};

const compileClassifier = (node: OperatorNode): CompiledNode => {
  const { attributes } = node;
  const texts = attributes.texts('classlabels_strings');
  const integers = attributes.bigIntegers('classlabels_int64s');
  const labels: readonly (string | bigint)[] = texts.length > 0 ? texts : [...integers];
  const classCount = labels.length;
  if (classCount < 2) throw new InvalidRequestError(`a classifier of ${classCount} classes is not interpreted`);
  const ensemble = readTreeEnsemble(attributes, {
    prefix: 'class',
    precision: datatypeAt(node, 0, INPUTS) === 'FP64' ? 'FP64' : 'FP32',
    targetCount: classCount,
  });
  checkLabels(ensemble, labels);
  const ending = endingOf(node);
  const walker = createTreeWalker(ensemble);
  // Classifiers only sum, whatever aggregate_function says: it is no attribute of theirs.
  const scoreRow = scorer(ensemble, 'SUM', walker);
  const classify = (classCount === 2 ? classifyBinary : classifyMany)(ensemble, ending);
  const labelDatatype = texts.length > 0 ? 'BYTES' : 'INT64';
  return {
    datatypes: [labelDatatype, 'FP32'],
    run: (inputs) => {
      const rows = rowsOf(given(inputs, 0), ensemble);
      const scores = newValue('FP32', [rows.rowCount, classCount]);
      const chosen = newValue(labelDatatype, [rows.rowCount]);
      for (let row = 0; row < rows.rowCount; row++) {
        const label = classify(scoreRow(rows, row), scores.data as Float32Array, row * classCount);
        (chosen.data as unknown as (string | bigint)[])[row] = labels[label] as string | bigint;
      }
      return [chosen, scores];
    },
    explainTrees: explain(ensemble, walker),
  };
};

export const TREE_OPERATORS: Operators = {
  'ai.onnx.ml:TreeEnsembleRegressor': {
    opsets: [1, 5],
    attributes: [...NODE_ATTRIBUTES, 'n_targets', ...weightAttributes('target')],
    compile: compileRegressor,
  },
  'ai.onnx.ml:TreeEnsembleClassifier': {
    opsets: [1, 5],
    attributes: [...NODE_ATTRIBUTES, 'classlabels_strings', 'classlabels_int64s', ...weightAttributes('class')],
    compile: compileClassifier,
  },
};
