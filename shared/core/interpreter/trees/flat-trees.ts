import { type Column, isOrdered, negates, orderedThreshold } from './comparisons.ts';
import { NAN } from './module-layouts.ts';
import { LEAF, NODE_MODES, type NodeMode, type TreeEnsemble } from './tree-ensemble.ts';

/**
 * Trees as a machine walks them fast: each node 8 bytes, the two children of a node beside each other, so that a step
 * is `node += child + (column <= threshold)` and needs no jump. A leaf's threshold is NaN and its child itself: a walk
 * of too many steps stays there.
 */
export interface FlatTrees {
  readonly columns: readonly Column[];
  /**
   * Two words per node: the bits of its threshold; which column is compared, times four (its place in bytes), and in the
   * upper 16 bits how far on the child for "not at most" stands. The other follows it. 0 for a leaf.
   */
  readonly words: Int32Array;
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
  /** By twice the feature, one more for its negation: one more than its place, 0 where there is none yet. */
  readonly placeByFeature: Int32Array;
  readonly placeByFlag: Map<string, number>;
  /** The ensemble's, in float32: its bits. */
  readonly thresholds: Int32Array;
  /** With room for more than the `count` nodes added so far. */
  words: Int32Array;
  source: Int32Array;
  count: number;
}

const startBuild = ({ nodes, featureCount }: TreeEnsemble): Build => ({
  columns: [],
  placeByFeature: new Int32Array(2 * featureCount),
  placeByFlag: new Map(),
  thresholds: new Int32Array(new Float32Array(nodes.threshold).buffer),
  words: new Int32Array(2 * nodes.mode.length),
  source: new Int32Array(nodes.mode.length),
  count: 0,
});

const grow = (build: Build): void => {
  const { words, source } = build;
  build.words = new Int32Array(2 * words.length);
  build.words.set(words);
  build.source = new Int32Array(2 * source.length);
  build.source.set(source);
};

const placeOfFeature = ({ columns, placeByFeature }: Build, feature: number, negated: number): number => {
  const known = placeByFeature[2 * feature + negated] as number;
  if (known !== 0) return known - 1;
  columns.push({ kind: negated === 1 ? 'negated' : 'feature', feature });
  placeByFeature[2 * feature + negated] = columns.length;
  return columns.length - 1;
};

const placeOfFlag = ({ columns, placeByFlag }: Build, { nodes }: TreeEnsemble, at: number): number => {
  const column: Column = {
    kind: 'flag',
    feature: nodes.feature[at] as number,
    mode: NODE_MODES[nodes.mode[at] as number] as NodeMode,
    threshold: nodes.threshold[at] as number,
    missingTracksTrue: nodes.missingTracksTrue[at] === 1,
  };
  const key = Object.values(column).join();
  const known = placeByFlag.get(key);
  if (known !== undefined) return known;
  placeByFlag.set(key, columns.length);
  columns.push(column);
  return columns.length - 1;
};

const HALF = 0x3f000000;

/** Writes a branch's comparison. @returns whether the condition of the model holds where the comparison does not. */
const writeBranch = (build: Build, ensemble: TreeEnsemble, at: number, offset: number): boolean => {
  const { nodes } = ensemble;
  const source = build.source[at] as number;
  const mode = nodes.mode[source] as number;
  const threshold = build.thresholds[source] as number;
  const missing = nodes.missingTracksTrue[source] as number;
  const ordered = isOrdered(mode, threshold);
  const place = ordered
    ? placeOfFeature(build, nodes.feature[source] as number, negates(mode, missing))
    : placeOfFlag(build, ensemble, source);
  build.words[2 * at] = ordered ? orderedThreshold(mode, missing, threshold) : HALF;
  build.words[2 * at + 1] = (4 * place) | (offset << 16);
  return ordered && missing === 1;
};

/** Appends one tree, level by level. @returns its depth; undefined when it grows beyond the bounds. */
const addTree = (build: Build, ensemble: TreeEnsemble, root: number, mostNodes: number): number | undefined => {
  const { mode, trueChild, falseChild } = ensemble.nodes;
  const start = build.count;
  let { source } = build;
  let count = start + 1;
  let depth = 0;
  let levelEnd = count;
  if (count > source.length) grow(build);
  source = build.source;
  source[start] = root;
  for (let at = start; at < count; at++) {
    if (at === levelEnd) {
      depth += 1;
      levelEnd = count;
    }
    const place = source[at] as number;
    if (mode[place] === LEAF) {
      build.words[2 * at] = NAN;
      continue;
    }
    if (count + 2 > source.length) {
      grow(build);
      source = build.source;
    }
    const swapped = writeBranch(build, ensemble, at, count - at);
    source[count] = (swapped ? trueChild : falseChild)[place] as number;
    source[count + 1] = (swapped ? falseChild : trueChild)[place] as number;
    count += 2;
    if (count - start > MOST_TREE_NODES || count > mostNodes) return undefined;
  }
  build.count = count;
  return depth;
};

/** @returns undefined for trees that do not fit this form: float64, too many columns, too much that is shared. */
export const flattenTrees = (ensemble: TreeEnsemble): FlatTrees | undefined => {
  if (ensemble.precision !== 'FP32') return undefined;
  const build = startBuild(ensemble);
  const mostNodes = MOST_GROWTH * ensemble.nodes.mode.length;
  const roots = new Int32Array(ensemble.roots.length);
  const depths = new Int32Array(ensemble.roots.length);
  for (let tree = 0; tree < roots.length; tree++) {
    roots[tree] = build.count;
    const depth = addTree(build, ensemble, ensemble.roots[tree] as number, mostNodes);
    if (depth === undefined || build.columns.length > MOST_COLUMNS) return undefined;
    depths[tree] = depth;
  }
  return {
    columns: build.columns,
    words: build.words.slice(0, 2 * build.count),
    roots,
    depths,
    source: build.source.slice(0, build.count),
  };
};
