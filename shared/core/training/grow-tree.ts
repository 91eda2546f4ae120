import { assert } from '../../kernel/assert.ts';
import type { BinnedRows } from './binned-rows.ts';
import { findSplit, type NodeSums, type Split, type SplitRules, sumsOf } from './find-split.ts';
import type { Tree } from './gradient-boosted-trees.ts';
import { fillHistogram, type GradientHistogram, newHistogram, subtractHistogram } from './gradient-histogram.ts';
import { partitionRows } from './partition-rows.ts';

/** In float32, the largest finite number: every value is ≤ it, so that only missing rows go right. */
const FLOAT32_MAX = 3.4028234663852886e38;

export interface GrowthRules extends SplitRules {
  readonly maxLeaves: number;
  readonly learningRate: number;
}

/** A tree, with what its own training rows need: the splits by bin, and the rows of each leaf. */
export interface GrownTree {
  readonly tree: Tree;
  /** Per node, the last bin that goes left. */
  readonly splitBin: Uint8Array;
  readonly leaves: readonly { readonly node: number; readonly start: number; readonly end: number }[];
  /** Training rows, leaf by leaf. Valid until the next tree grows. */
  readonly indices: Uint32Array;
}

interface Leaf {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly sums: NodeSums;
  readonly histogram: GradientHistogram;
  readonly split: Split | undefined;
}

interface Nodes {
  readonly splits: (Split | undefined)[];
  readonly left: number[];
  readonly right: number[];
}

const bestLeafIndex = (leaves: readonly Leaf[]): number => {
  let best = -1;
  let bestGain = 0;
  for (const [i, { split }] of leaves.entries()) {
    if (split === undefined || split.gain <= bestGain) continue;
    best = i;
    bestGain = split.gain;
  }
  return best;
};

const finishTree = (nodes: Nodes, leaves: readonly Leaf[], rows: BinnedRows, rules: GrowthRules): Tree => {
  const leafValue = new Float32Array(nodes.splits.length);
  const rowCount = Int32Array.from(nodes.splits, (split) => (split ? split.left.rowCount + split.right.rowCount : 0));
  for (const { node, sums } of leaves) {
    rowCount[node] = sums.rowCount;
    leafValue[node] = (-rules.learningRate * sums.gradient) / (sums.hessian + rules.l2);
  }
  const thresholdOf = (split: Split | undefined): number => {
    if (split === undefined) return 0;
    return rows.thresholds[split.featureIndex]?.[split.bin - 1] ?? FLOAT32_MAX;
  };
  return {
    featureIndex: Int16Array.from(nodes.splits, (split) => split?.featureIndex ?? -1),
    threshold: Float32Array.from(nodes.splits, thresholdOf),
    missingGoesLeft: Uint8Array.from(nodes.splits, (split) => (split?.missingGoesLeft ? 1 : 0)),
    left: Int16Array.from(nodes.left),
    right: Int16Array.from(nodes.right),
    leafValue,
    rowCount,
  };
};

/**
 * Makes a function that grows one tree after another over the same rows, reusing its memory. Growth is leaf-wise, as
 * in LightGBM (Ke et al. 2017): always the leaf that gains most is split, until none gains or `maxLeaves` is reached.
 * Only the smaller child's histogram is summed from rows; the larger one's is the difference.
 * @param trainingRowCount rows at the start to learn from.
 * @returns a function of the rows' gradients and hessians (interleaved); undefined when not even the root splits.
 */
export const createTreeGrower = (
  rows: BinnedRows,
  trainingRowCount: number,
  rules: GrowthRules,
): ((gradients: Float32Array) => GrownTree | undefined) => {
  const indices = new Uint32Array(trainingRowCount);
  const spare = new Uint32Array(trainingRowCount);
  const pool: GradientHistogram[] = [];
  const histogramAt = (i: number): GradientHistogram => {
    pool[i] ??= newHistogram(rows);
    return pool[i];
  };

  /** Both children of a leaf, with their best splits unless no further split can follow. */
  const splitLeaf = (leaf: Leaf, split: Split, nodes: Nodes, gradients: Float32Array, final: boolean): [Leaf, Leaf] => {
    const middle = partitionRows({ indices, start: leaf.start, end: leaf.end }, spare, rows, split);
    assert(middle - leaf.start === split.left.rowCount, 'a split must part the rows as its histogram counted them');
    const node = nodes.splits.length;
    nodes.splits[leaf.node] = split;
    nodes.left[leaf.node] = node;
    nodes.right[leaf.node] = node + 1;
    nodes.splits.push(undefined, undefined);
    nodes.left.push(0, 0);
    nodes.right.push(0, 0);
    const left = { node, start: leaf.start, end: middle, sums: split.left };
    const right = { node: node + 1, start: middle, end: leaf.end, sums: split.right };
    const smaller = left.sums.rowCount <= right.sums.rowCount ? left : right;
    const splittable = !final && Math.max(left.sums.rowCount, right.sums.rowCount) >= 2 * rules.minRowsPerLeaf;
    // A tree of k leaves has used k histograms, and nodes number 2k - 1.
    const fresh = splittable ? histogramAt((node + 1) / 2) : leaf.histogram;
    if (splittable) {
      fillHistogram(fresh, rows, gradients, { indices, start: smaller.start, end: smaller.end });
      subtractHistogram(leaf.histogram, fresh);
    }
    const leafOf = (child: typeof left): Leaf => {
      const histogram = child === smaller ? fresh : leaf.histogram;
      return { ...child, histogram, split: splittable ? findSplit(histogram, rows, child.sums, rules) : undefined };
    };
    return [leafOf(left), leafOf(right)];
  };

  return (gradients) => {
    for (let row = 0; row < trainingRowCount; row++) indices[row] = row;
    const histogram = histogramAt(0);
    fillHistogram(histogram, rows, gradients, { indices, start: 0, end: trainingRowCount });
    const sums = sumsOf(histogram);
    const nodes: Nodes = { splits: [undefined], left: [0], right: [0] };
    const split = findSplit(histogram, rows, sums, rules);
    const leaves: Leaf[] = [{ node: 0, start: 0, end: trainingRowCount, sums, histogram, split }];
    if (split === undefined) return undefined;
    while (leaves.length < rules.maxLeaves) {
      const i = bestLeafIndex(leaves);
      const leaf = leaves[i];
      if (leaf?.split === undefined) break;
      const [left, right] = splitLeaf(leaf, leaf.split, nodes, gradients, leaves.length + 1 === rules.maxLeaves);
      leaves[i] = left;
      leaves.push(right);
    }
    const tree = finishTree(nodes, leaves, rows, rules);
    return { tree, splitBin: Uint8Array.from(nodes.splits, (s) => s?.bin ?? 0), leaves, indices };
  };
};
