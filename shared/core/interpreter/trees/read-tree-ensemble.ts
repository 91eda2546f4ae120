import { InvalidRequestError } from '../../../kernel/errors.ts';
import { childrenFirst } from '../depth-first.ts';
import type { Attributes } from '../graph/attributes.ts';
import { numbersOf } from '../value.ts';
import { LEAF, NODE_MODES, type TreeEnsemble, type TreeNodes } from './tree-ensemble.ts';

/** The attributes of TreeEnsembleRegressor and TreeEnsembleClassifier, one entry per node or per weight. */
interface Columns {
  readonly treeIds: ArrayLike<number>;
  readonly nodeIds: ArrayLike<number>;
  readonly features: ArrayLike<number>;
  readonly modes: Uint8Array;
  readonly values: ArrayLike<number>;
  readonly trueIds: ArrayLike<number>;
  readonly falseIds: ArrayLike<number>;
  readonly missing: ArrayLike<number>;
  readonly weightTreeIds: ArrayLike<number>;
  readonly weightNodeIds: ArrayLike<number>;
  readonly weightTargets: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** A list of numbers that may stand as floats, or since version 3 as a tensor. */
export const numbersAt = (attributes: Attributes, name: string): ArrayLike<number> => {
  const tensor = attributes.tensor(`${name}_as_tensor`);
  return tensor === undefined ? attributes.floats(name) : numbersOf(tensor);
};

const columnsOf = (attributes: Attributes, prefix: 'target' | 'class'): Columns => ({
  treeIds: attributes.integers('nodes_treeids'),
  nodeIds: attributes.integers('nodes_nodeids'),
  features: attributes.integers('nodes_featureids'),
  modes: attributes.words('nodes_modes', NODE_MODES),
  values: numbersAt(attributes, 'nodes_values'),
  trueIds: attributes.integers('nodes_truenodeids'),
  falseIds: attributes.integers('nodes_falsenodeids'),
  missing: attributes.integers('nodes_missing_value_tracks_true'),
  weightTreeIds: attributes.integers(`${prefix}_treeids`),
  weightNodeIds: attributes.integers(`${prefix}_nodeids`),
  weightTargets: attributes.integers(`${prefix}_ids`),
  weights: numbersAt(attributes, `${prefix}_weights`),
});

const checkLengths = (columns: Columns): void => {
  const count = columns.treeIds.length;
  const perNode = [columns.nodeIds, columns.features, columns.modes, columns.values, columns.trueIds, columns.falseIds];
  if (perNode.some(({ length }) => length !== count)) {
    throw new InvalidRequestError('the attributes of its nodes differ in length');
  }
  if (columns.missing.length !== 0 && columns.missing.length !== count) {
    throw new InvalidRequestError(`nodes_missing_value_tracks_true has ${columns.missing.length} of ${count} values`);
  }
  const weightCount = columns.weights.length;
  const perWeight = [columns.weightTreeIds, columns.weightNodeIds, columns.weightTargets];
  if (perWeight.some(({ length }) => length !== weightCount)) {
    throw new InvalidRequestError('the attributes of its weights differ in length');
  }
  if (count === 0) throw new InvalidRequestError('it has no trees');
};

interface Places {
  readonly roots: readonly number[];
  readonly treeIds: readonly number[];
  readonly trees: readonly TreePlaces[];
  /** Where a node of a tree stands. */
  place(tree: number, node: number): number;
}

interface TreePlaces {
  readonly start: number;
  end: number;
  /** Only where the ids do not simply count up. */
  byId?: ReadonlyMap<number, number>;
}

const mapIds = (nodeIds: ArrayLike<number>, tree: number, { start, end }: TreePlaces): ReadonlyMap<number, number> => {
  const byId = new Map<number, number>();
  for (let at = start; at < end; at++) {
    const id = nodeIds[at] as number;
    if (byId.has(id)) throw new InvalidRequestError(`tree ${tree} has node ${id} twice`);
    byId.set(id, at);
  }
  return byId;
};

const placeNodes = ({ treeIds, nodeIds }: Columns): Places => {
  const trees = new Map<number, TreePlaces>();
  const roots: number[] = [];
  let open: TreePlaces = { start: 0, end: 0 };
  for (let at = 0; at < treeIds.length; at++) {
    const tree = treeIds[at] as number;
    if (at === 0 || tree !== treeIds[at - 1]) {
      if (trees.has(tree)) throw new InvalidRequestError(`the nodes of tree ${tree} do not stand together`);
      open = { start: at, end: at };
      trees.set(tree, open);
      roots.push(at);
    }
    open.end = at + 1;
  }
  for (const [tree, places] of trees) {
    let counts = true;
    for (let at = places.start; at < places.end; at++) counts &&= nodeIds[at] === at - places.start;
    if (!counts) places.byId = mapIds(nodeIds, tree, places);
  }
  let last = -1;
  let lastPlaces: TreePlaces | undefined;
  const place = (tree: number, node: number): number => {
    // Nodes are asked for tree by tree.
    if (tree !== last) lastPlaces = trees.get(tree);
    last = tree;
    const places = lastPlaces;
    const at = places?.byId === undefined ? (places?.start ?? 0) + node : places.byId.get(node);
    if (places === undefined || at === undefined || !(at >= places.start && at < places.end)) {
      throw new InvalidRequestError(`tree ${tree} has no node ${node}`);
    }
    return at;
  };
  return { roots, treeIds: [...trees.keys()], trees: [...trees.values()], place };
};

const areBelow = (child: Int32Array): boolean => {
  for (let at = 0; at < child.length; at++) {
    const below = child[at] as number;
    if (below !== -1 && below <= at) return false;
  }
  return true;
};

/** Every way down must end at a leaf: a loop would never. Shared branches are no loop. */
const checkAcyclic = ({ mode, trueChild, falseChild }: TreeNodes, roots: Int32Array): void => {
  // As every tool writes them; others are looked through.
  if (areBelow(trueChild) && areBelow(falseChild)) return;
  const childrenOf = (at: number): readonly number[] =>
    mode[at] === LEAF ? [] : [trueChild[at] as number, falseChild[at] as number];
  if (childrenFirst(roots, childrenOf) === undefined) throw new InvalidRequestError('a tree has a loop');
};

/** Tree by tree, without asking for each node's: a cold start waits for this. */
const childrenOf = (columns: Columns, { trees, place }: Places, ids: ArrayLike<number>): Int32Array => {
  const { modes, treeIds } = columns;
  const children = new Int32Array(ids.length).fill(-1);
  for (const { start, end, byId } of trees) {
    for (let at = start; at < end; at++) {
      if (modes[at] === LEAF) continue;
      const child = start + (ids[at] as number);
      const simple = byId === undefined && child >= start && child < end;
      children[at] = simple ? child : place(treeIds[at] as number, ids[at] as number);
    }
  }
  return children;
};

const nodesOf = (columns: Columns, places: Places): TreeNodes => {
  const count = columns.treeIds.length;
  const mode = columns.modes;
  const missingTracksTrue = new Uint8Array(count);
  for (let at = 0; at < columns.missing.length; at++) missingTracksTrue[at] = columns.missing[at] === 1 ? 1 : 0;
  return {
    mode,
    feature: featuresOf(columns.features),
    threshold: new Float64Array(columns.values),
    missingTracksTrue,
    trueChild: childrenOf(columns, places, columns.trueIds),
    falseChild: childrenOf(columns, places, columns.falseIds),
    nodeId: new Int32Array(columns.nodeIds),
    firstWeight: new Int32Array(count),
    weightCount: new Int32Array(count),
  };
};

const featuresOf = (ids: ArrayLike<number>): Int32Array => {
  for (let at = 0; at < ids.length; at++) {
    const id = ids[at] as number;
    if (!(id >= 0 && id < MOST_FEATURES)) throw new InvalidRequestError(`a node asks for feature ${id}`);
  }
  return new Int32Array(ids);
};

/** Weights in the order of the leaves; those of a node that is no leaf are passed over, as onnxruntime does. */
const placeWeights = (columns: Columns, { mode, firstWeight, weightCount }: TreeNodes, places: Places) => {
  const { weightTreeIds, weightNodeIds } = columns;
  const leaves = new Int32Array(weightTreeIds.length);
  for (let i = 0; i < leaves.length; i++) {
    const leaf = places.place(weightTreeIds[i] as number, weightNodeIds[i] as number);
    leaves[i] = leaf;
    if (mode[leaf] === LEAF) weightCount[leaf] = (weightCount[leaf] as number) + 1;
  }
  let total = 0;
  for (let at = 0; at < mode.length; at++) {
    firstWeight[at] = total;
    total += weightCount[at] as number;
    if (mode[at] === LEAF && weightCount[at] === 0) throw new InvalidRequestError('a leaf has no weight');
  }
  const weightTarget = new Int32Array(total);
  const weightValue = new Float64Array(total);
  const next = firstWeight.slice();
  for (let i = 0; i < leaves.length; i++) {
    const leaf = leaves[i] as number;
    if (mode[leaf] !== LEAF) continue;
    const at = next[leaf] as number;
    next[leaf] = at + 1;
    weightTarget[at] = columns.weightTargets[i] as number;
    weightValue[at] = columns.weights[i] as number;
  }
  return { weightTarget, weightValue };
};

const MOST_FEATURES = 2 ** 20;

const featureCountOf = (features: Int32Array): number => {
  let count = 0;
  for (let at = 0; at < features.length; at++) count = Math.max(count, (features[at] as number) + 1);
  return count;
};

/** @throws InvalidRequestError for what breaks the bounds that reading a row relies on. */
const checkEnsemble = (ensemble: TreeEnsemble): TreeEnsemble => {
  const { nodes, weightTarget, targetCount } = ensemble;
  if (!(targetCount >= 1 && targetCount <= MOST_FEATURES)) {
    throw new InvalidRequestError(`targets or classes must be 1 to ${MOST_FEATURES}, got ${targetCount}`);
  }
  const target = weightTarget.find((id) => id < 0 || id >= targetCount);
  if (target !== undefined) throw new InvalidRequestError(`a weight is for target ${target} of ${targetCount}`);
  if (targetCount === 1 && nodes.weightCount.some((count) => count > 1)) {
    throw new InvalidRequestError('a leaf has several weights for one target');
  }
  checkAcyclic(nodes, ensemble.roots);
  return ensemble;
};

/**
 * Trees of TreeEnsembleRegressor or TreeEnsembleClassifier, versions 1 and 3.
 * @throws InvalidRequestError for attributes that make no trees.
 */
export const readTreeEnsemble = (
  attributes: Attributes,
  options: {
    readonly prefix: 'target' | 'class';
    readonly precision: TreeEnsemble['precision'];
    readonly targetCount: number;
  },
): TreeEnsemble => {
  const columns = columnsOf(attributes, options.prefix);
  checkLengths(columns);
  const places = placeNodes(columns);
  const nodes = nodesOf(columns, places);
  return checkEnsemble({
    precision: options.precision,
    nodes,
    roots: Int32Array.from(places.roots),
    treeIds: places.treeIds,
    ...placeWeights(columns, nodes, places),
    targetCount: options.targetCount,
    featureCount: featureCountOf(nodes.feature),
  });
};
