import type { Datatype } from '../../../shared/core/inference/index.ts';
import { type DrawnCase, nodeCase } from './drawn-case.ts';
import { type Draws, drawTensor, TEXTS } from './draws.ts';
import type { AttributeValue } from './onnx-bytes.ts';

const MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];

interface DrawnTree {
  readonly modes: string[];
  readonly features: number[];
  readonly thresholds: number[];
  readonly trueIds: number[];
  readonly falseIds: number[];
  readonly missing: number[];
}

/** One tree whose leaves are split at random until there are enough. */
const drawTree = (draws: Draws, featureCount: number, leafCount: number, modes: readonly string[]): DrawnTree => {
  const tree: DrawnTree = {
    modes: ['LEAF'],
    features: [0],
    thresholds: [0],
    trueIds: [0],
    falseIds: [0],
    missing: [0],
  };
  for (let leaves = 1; leaves < leafCount; leaves++) {
    const open = tree.modes.flatMap((mode, id) => (mode === 'LEAF' ? [id] : []));
    const id = draws.pick(open);
    tree.modes[id] = draws.pick(modes);
    tree.features[id] = draws.whole(0, featureCount - 1);
    tree.thresholds[id] = draws.chance(0.9) ? Math.round(draws.plain() * 4) / 4 : draws.float();
    tree.missing[id] = draws.whole(0, 1);
    tree.trueIds[id] = tree.modes.length;
    tree.falseIds[id] = tree.modes.length + 1;
    for (const list of [tree.features, tree.thresholds, tree.trueIds, tree.falseIds, tree.missing]) list.push(0, 0);
    tree.modes.push('LEAF', 'LEAF');
  }
  return tree;
};

interface Votes {
  readonly prefix: 'target' | 'class';
  readonly targetCount: number;
  /** Targets that leaves vote for. */
  readonly targets: readonly number[];
  readonly mostWeights: number;
  drawWeight(): number;
}

const treeAttributes = (draws: Draws, trees: readonly DrawnTree[], votes: Votes): Record<string, AttributeValue> => {
  const nodes = trees.flatMap((tree, treeId) => tree.modes.map((mode, id) => ({ tree, treeId, id, mode })));
  const weights = nodes
    .filter(({ mode }) => mode === 'LEAF')
    .flatMap(({ treeId, id }) =>
      Array.from({ length: draws.whole(1, votes.mostWeights) }, () => ({
        treeId,
        id,
        target: draws.pick(votes.targets),
      })),
    );
  const { prefix } = votes;
  return {
    nodes_treeids: { ints: nodes.map(({ treeId }) => treeId) },
    nodes_nodeids: { ints: nodes.map(({ id }) => id) },
    nodes_featureids: { ints: nodes.map(({ tree, id }) => tree.features[id]!) },
    nodes_modes: { texts: nodes.map(({ mode }) => mode) },
    nodes_values: { floats: nodes.map(({ tree, id }) => tree.thresholds[id]!) },
    nodes_truenodeids: { ints: nodes.map(({ tree, id }) => tree.trueIds[id]!) },
    nodes_falsenodeids: { ints: nodes.map(({ tree, id }) => tree.falseIds[id]!) },
    ...(draws.chance(0.6)
      ? { nodes_missing_value_tracks_true: { ints: nodes.map(({ tree, id }) => tree.missing[id]!) } }
      : {}),
    [`${prefix}_treeids`]: { ints: weights.map(({ treeId }) => treeId) },
    [`${prefix}_nodeids`]: { ints: weights.map(({ id }) => id) },
    [`${prefix}_ids`]: { ints: weights.map(({ target }) => target) },
    [`${prefix}_weights`]: { floats: weights.map(() => votes.drawWeight()) },
  };
};

const drawForest = (draws: Draws, featureCount: number): readonly DrawnTree[] => {
  const modes = draws.chance(0.6) ? ['BRANCH_LEQ'] : draws.chance(0.5) ? [draws.pick(MODES)] : MODES;
  const leaves = draws.pick([1, 2, 8, 31]);
  return Array.from({ length: draws.pick([1, 3, 9, 40]) }, () =>
    drawTree(draws, featureCount, draws.whole(1, leaves), modes),
  );
};

const ROW_COUNTS = [0, 1, 1, 1, 2, 7, 63, 65, 130];
const FLOATS: readonly Datatype[] = ['FP32', 'FP32', 'FP32', 'FP64'];
const NUMBERS: readonly Datatype[] = [...FLOATS, 'INT64'];

const floats = (count: number, draw: () => number): AttributeValue => ({ floats: Array.from({ length: count }, draw) });

export const drawTreeRegressor = (draws: Draws): DrawnCase => {
  const featureCount = draws.whole(1, 14);
  const targetCount = draws.pick([1, 1, 1, 2, 3]);
  const votes: Votes = {
    prefix: 'target',
    targetCount,
    targets: Array.from({ length: targetCount }, (_, target) => target),
    mostWeights: targetCount,
    drawWeight: draws.plain,
  };
  const transform = targetCount === 1 ? 'NONE' : draws.pick(['NONE', 'NONE', 'SOFTMAX', 'LOGISTIC', 'SOFTMAX_ZERO']);
  const attributes: Record<string, AttributeValue> = {
    ...treeAttributes(draws, drawForest(draws, featureCount), votes),
    n_targets: { int: targetCount },
    aggregate_function: { text: draws.pick(['SUM', 'SUM', 'AVERAGE', 'MIN', 'MAX']) },
    post_transform: { text: transform },
    ...(draws.chance(0.5) ? { base_values: floats(targetCount, draws.plain) } : {}),
  };
  const rowCount = draws.pick(ROW_COUNTS);
  const input = drawTensor(draws, 'x', { datatype: draws.pick(FLOATS), shape: [rowCount, featureCount] });
  return nodeCase(
    { operator: 'ai.onnx.ml:TreeEnsembleRegressor', attributes },
    {
      tensors: [input],
      outputs: [{ datatype: 'FP32', shape: [rowCount, targetCount] }],
      mlOpset: draws.pick([1, 3]),
      exact: transform === 'NONE',
    },
  );
};

export const drawTreeClassifier = (draws: Draws): DrawnCase => {
  const featureCount = draws.whole(1, 14);
  const classCount = draws.pick([2, 2, 2, 3, 5]);
  const all = Array.from({ length: classCount }, (_, place) => place);
  const voted = classCount === 2 && draws.chance(0.6) ? [draws.whole(0, 1)] : all;
  const positive = draws.chance(0.5);
  const votes: Votes = {
    prefix: 'class',
    targetCount: classCount,
    targets: voted,
    mostWeights: voted.length,
    drawWeight: () => (positive ? Math.abs(draws.plain()) / 20 : draws.plain()),
  };
  const transform = draws.pick(['NONE', 'NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO']);
  const isText = draws.chance(0.5);
  const labels: Record<string, AttributeValue> = isText
    ? { classlabels_strings: { texts: TEXTS.slice(0, classCount) } }
    : { classlabels_int64s: { ints: all.map((place) => BigInt(place) * 3n - 2n) } };
  const baseCounts = classCount === 2 ? (voted.length === 1 ? [0, 1, 2] : [0, 2]) : [0, classCount];
  const baseCount = draws.pick([0, ...baseCounts]);
  const attributes: Record<string, AttributeValue> = {
    ...treeAttributes(draws, drawForest(draws, featureCount), votes),
    ...labels,
    post_transform: { text: transform },
    ...(baseCount > 0 ? { base_values: floats(baseCount, draws.plain) } : {}),
  };
  const rowCount = draws.pick(ROW_COUNTS);
  const input = drawTensor(draws, 'x', { datatype: draws.pick(NUMBERS), shape: [rowCount, featureCount] });
  return nodeCase(
    { operator: 'ai.onnx.ml:TreeEnsembleClassifier', attributes },
    {
      tensors: [input],
      outputs: [
        { datatype: isText ? 'BYTES' : 'INT64', shape: [rowCount] },
        { datatype: 'FP32', shape: [rowCount, classCount] },
      ],
      mlOpset: draws.pick([1, 3]),
      exact: transform === 'NONE',
    },
  );
};
