import { InvalidRequestError } from '../../../kernel/errors.ts';
import { childrenFirst } from '../depth-first.ts';
import type { Attributes } from '../graph/attributes.ts';
import { numbersAt } from './numbers-at.ts';
import { LEAF, NODE_MODES, type TreeEnsemble, type TreeNodes } from './tree-ensemble.ts';

/** The attributes of TreeEnsembleRegressor and TreeEnsembleClassifier, one entry per node or per weight. */
interface Columns {
  readonly treeIds: ArrayLike<number>;
  readonly nodeIds: ArrayLike<number>;
  readonly features: Uint8Array | Int32Array | Float64Array;
  readonly modes: Uint8Array;
  readonly values: ArrayLike<number>;
  readonly trueIds: ArrayLike<number>;
  readonly falseIds: ArrayLike<number>;
  readonly missing: Uint8Array | Int32Array | Float64Array;
  readonly weightTreeIds: ArrayLike<number>;
  readonly weightNodeIds: ArrayLike<number>;
  readonly weightTargets: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

const columnsOf = (attributes: Attributes, prefix: 'target' | 'class'): Columns => ({
  treeIds: attributes.compactIntegers('nodes_treeids'),
  nodeIds: attributes.compactIntegers('nodes_nodeids'),
  features: attributes.compactIntegers('nodes_featureids'),
  modes: attributes.words('nodes_modes', NODE_MODES),
  values: numbersAt(attributes, 'nodes_values'),
  trueIds: attributes.compactIntegers('nodes_truenodeids'),
  falseIds: attributes.compactIntegers('nodes_falsenodeids'),
  missing: attributes.compactIntegers('nodes_missing_value_tracks_true'),
  weightTreeIds: attributes.compactIntegers(`${prefix}_treeids`),
  weightNodeIds: attributes.compactIntegers(`${prefix}_nodeids`),
  weightTargets: attributes.compactIntegers(`${prefix}_ids`),
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
  let counts = true;
  const close = (end: number): void => {
    open.end = end;
    if (!counts) open.byId = mapIds(nodeIds, treeIds[open.start] as number, open);
    counts = true;
  };
  let start = 0;
  let previous: number | undefined;
  for (let at = 0; at < treeIds.length; at++) {
    const tree = treeIds[at] as number;
    if (tree !== previous) {
      close(at);
      if (trees.has(tree)) throw new InvalidRequestError(`the nodes of tree ${tree} do not stand together`);
      open = { start: at, end: at };
      trees.set(tree, open);
      roots.push(at);
      start = at;
      previous = tree;
    }
    if (nodeIds[at] !== at - start) counts = false;
  }
  close(treeIds.length);
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

const areBelow = ({ mode, trueChild, falseChild }: TreeNodes): boolean => {
  for (let at = 0; at < mode.length; at++) {
    if (mode[at] !== LEAF && ((trueChild[at] as number) <= at || (falseChild[at] as number) <= at)) return false;
  }
  return true;
};

/** Every way down must end at a leaf: a loop would never. Shared branches are no loop. */
const checkAcyclic = (nodes: TreeNodes, roots: Int32Array): void => {
  const { mode, trueChild, falseChild } = nodes;
  // As every tool writes them; others are looked through.
  if (areBelow(nodes)) return;
  const childrenOf = (at: number): readonly number[] =>
    mode[at] === LEAF ? [] : [trueChild[at] as number, falseChild[at] as number];
  if (childrenFirst(roots, childrenOf) === undefined) throw new InvalidRequestError('a tree has a loop');
};

interface Children {
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
}

/** Tree by tree, without asking for each node's: a cold start waits for this. */
const childrenOf = ({ modes, treeIds, trueIds, falseIds }: Columns, { trees, place }: Places): Children => {
  const trueChild = new Int32Array(modes.length).fill(-1);
  const falseChild = new Int32Array(modes.length).fill(-1);
  for (const { start, end, byId } of trees) {
    for (let at = start; at < end; at++) {
      if (modes[at] === LEAF) continue;
      const whereTrue = start + (trueIds[at] as number);
      const whereFalse = start + (falseIds[at] as number);
      if (byId === undefined && whereTrue >= start && whereTrue < end && whereFalse >= start && whereFalse < end) {
        trueChild[at] = whereTrue;
        falseChild[at] = whereFalse;
      } else {
        trueChild[at] = place(treeIds[at] as number, trueIds[at] as number);
        falseChild[at] = place(treeIds[at] as number, falseIds[at] as number);
      }
    }
  }
  return { trueChild, falseChild };
};

const missingOf = ({ missing, treeIds }: Columns): Uint8Array => {
  const tracksTrue = new Uint8Array(treeIds.length);
  if (!missing.includes(1)) return tracksTrue;
  for (let at = 0; at < missing.length; at++) if (missing[at] === 1) tracksTrue[at] = 1;
  return tracksTrue;
};

const nodesOf = (columns: Columns, places: Places): TreeNodes => ({
  mode: columns.modes,
  feature: featuresOf(columns.features),
  threshold: new Float64Array(columns.values),
  missingTracksTrue: missingOf(columns),
  ...childrenOf(columns, places),
  nodeId: new Int32Array(columns.nodeIds),
  firstWeight: new Int32Array(columns.treeIds.length),
  weightCount: new Int32Array(columns.treeIds.length),
});

const featuresOf = (ids: Columns['features']): Int32Array => {
  const outside = ids instanceof Uint8Array ? undefined : firstOutside(ids, MOST_FEATURES);
  if (outside !== undefined) throw new InvalidRequestError(`a node asks for feature ${outside}`);
  return new Int32Array(ids);
};

/**
 * Weights that stand in the order of their leaves, as every tool writes them, are left as they are.
 * @returns undefined for weights in another order, or of a node that is no leaf.
 */
const placeOrderedWeights = (columns: Columns, { mode, firstWeight, weightCount }: TreeNodes) => {
  const { treeIds, nodeIds, weightTreeIds, weightNodeIds } = columns;
  const total = weightTreeIds.length;
  let next = 0;
  for (let at = 0; at < mode.length; at++) {
    firstWeight[at] = next;
    if (mode[at] !== LEAF) continue;
    const first = next;
    while (next < total && weightNodeIds[next] === nodeIds[at] && weightTreeIds[next] === treeIds[at]) next += 1;
    if (next === first) return undefined;
    weightCount[at] = next - first;
  }
  if (next !== total) return undefined;
  return { weightTarget: new Int32Array(columns.weightTargets), weightValue: new Float64Array(columns.weights) };
};

/** Weights in the order of the leaves; those of a node that is no leaf are passed over, as onnxruntime does. */
const placeWeights = (columns: Columns, nodes: TreeNodes, places: Places) => {
  const ordered = placeOrderedWeights(columns, nodes);
  if (ordered !== undefined) return ordered;
  const { mode, firstWeight, weightCount } = nodes;
  weightCount.fill(0);
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

const largestOf = (numbers: Int32Array): number => {
  let largest = -1;
  for (let at = 0; at < numbers.length; at++) if ((numbers[at] as number) > largest) largest = numbers[at] as number;
  return largest;
};

/** Loops, where a call for each would do: a cold start waits for this. */
const firstOutside = (numbers: ArrayLike<number>, end: number): number | undefined => {
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    if (!(number >= 0 && number < end)) return number;
  }
  return undefined;
};

/** @throws InvalidRequestError for what breaks the bounds that reading a row relies on. */
const checkEnsemble = (ensemble: TreeEnsemble): TreeEnsemble => {
  const { nodes, weightTarget, targetCount } = ensemble;
  if (!(targetCount >= 1 && targetCount <= MOST_FEATURES)) {
    throw new InvalidRequestError(`targets or classes must be 1 to ${MOST_FEATURES}, got ${targetCount}`);
  }
  const target = firstOutside(weightTarget, targetCount);
  if (target !== undefined) throw new InvalidRequestError(`a weight is for target ${target} of ${targetCount}`);
  if (targetCount === 1 && largestOf(nodes.weightCount) > 1) {
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
    featureCount: largestOf(nodes.feature) + 1,
  });
};
