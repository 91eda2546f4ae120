import { type Column, comparisonOf } from './comparisons.ts';
import { LEAF, type TreeEnsemble } from './tree-ensemble.ts';

/**
 * Trees as a machine walks them fast: each node 8 bytes, the two children of a node beside each other, so that a step
 * is `node += child + (column <= threshold)` and needs no jump. A leaf's threshold is NaN and its child itself: a walk
 * of too many steps stays there.
 */
export interface FlatTrees {
  readonly columns: readonly Column[];
  readonly threshold: Float32Array;
  /** Which column is compared, per node. */
  readonly column: Uint16Array;
  /** How far on the child for "not at most" stands; the other follows it. 0 for a leaf. */
  readonly child: Uint16Array;
  readonly roots: Int32Array;
  /** Steps from a root to its deepest leaf. */
  readonly depths: Int32Array;
  /** Each node's place in the ensemble's arrays. */
  readonly source: Int32Array;
}

/** Columns are addressed by bytes in 16 bits. */
const MOST_COLUMNS = 2 ** 14;
const MOST_TREE_NODES = 2 ** 16;
/** A branch that several nodes share is copied for each; trees that grow by more than this are walked as they are. */
const MOST_GROWTH = 4;

interface Build {
  readonly columns: Column[];
  readonly columnByKey: Map<number | string, number>;
  /** With room for more than the `count` nodes added so far. */
  threshold: Float32Array;
  column: Uint16Array;
  child: Uint16Array;
  source: Int32Array;
  count: number;
}

const startBuild = (room: number): Build => ({
  columns: [],
  columnByKey: new Map(),
  threshold: new Float32Array(room),
  column: new Uint16Array(room),
  child: new Uint16Array(room),
  source: new Int32Array(room),
  count: 0,
});

const grow = (build: Build): void => {
  const larger = startBuild(2 * build.source.length);
  for (const key of ['threshold', 'column', 'child', 'source'] as const) larger[key].set(build[key]);
  const { threshold, column, child, source } = larger;
  Object.assign(build, { threshold, column, child, source });
};

/** Numbers for the two kinds that every node may ask for. */
const keyOf = (column: Column): number | string =>
  column.kind === 'flag' ? Object.values(column).join() : 2 * column.feature + (column.kind === 'negated' ? 1 : 0);

const columnIndex = ({ columns, columnByKey }: Build, column: Column): number => {
  const key = keyOf(column);
  const known = columnByKey.get(key);
  if (known !== undefined) return known;
  columnByKey.set(key, columns.length);
  columns.push(column);
  return columns.length - 1;
};

/** A leaf, until it is given a comparison. */
const addNode = (build: Build, source: number): number => {
  if (build.count === build.source.length) grow(build);
  const at = build.count++;
  build.source[at] = source;
  build.threshold[at] = Number.NaN;
  return at;
};

/** Appends one tree, level by level. @returns its depth; undefined when it grows beyond the bounds. */
const addTree = (build: Build, { nodes }: TreeEnsemble, root: number, mostNodes: number): number | undefined => {
  const start = addNode(build, root);
  let depth = 0;
  let levelEnd = build.count;
  for (let at = start; at < build.count; at++) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = build.count;
    }
    const source = build.source[at] as number;
    if (nodes.mode[source] === LEAF) continue;
    const { column, threshold, swapped } = comparisonOf(nodes, source);
    const whereTrue = (swapped ? nodes.falseChild : nodes.trueChild)[source] as number;
    const whereFalse = (swapped ? nodes.trueChild : nodes.falseChild)[source] as number;
    build.threshold[at] = threshold;
    build.column[at] = columnIndex(build, column);
    const child = addNode(build, whereFalse);
    addNode(build, whereTrue);
    build.child[at] = child - at;
    if (build.count - start > MOST_TREE_NODES || build.count > mostNodes) return undefined;
  }
  return depth;
};

/** @returns undefined for trees that do not fit this form: float64, too many columns, too much that is shared. */
export const flattenTrees = (ensemble: TreeEnsemble): FlatTrees | undefined => {
  if (ensemble.precision !== 'FP32') return undefined;
  const build = startBuild(ensemble.nodes.mode.length);
  const mostNodes = MOST_GROWTH * ensemble.nodes.mode.length;
  const roots: number[] = [];
  const depths: number[] = [];
  for (const root of ensemble.roots) {
    roots.push(build.count);
    const depth = addTree(build, ensemble, root, mostNodes);
    if (depth === undefined) return undefined;
    depths.push(depth);
  }
  if (build.columns.length > MOST_COLUMNS) return undefined;
  return {
    columns: build.columns,
    threshold: build.threshold.slice(0, build.count),
    column: build.column.slice(0, build.count),
    child: build.child.slice(0, build.count),
    roots: Int32Array.from(roots),
    depths: Int32Array.from(depths),
    source: build.source.slice(0, build.count),
  };
};
