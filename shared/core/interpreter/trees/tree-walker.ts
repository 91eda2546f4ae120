import { type WebAssemblyApi, webAssembly } from '../wasm/web-assembly.ts';
import { compiledTrees } from './compiled-trees.ts';
import { columnWriter, createFlatFinder, createPlainFinder, type LeafFinder } from './find-leaves.ts';
import { type FlatTrees, flattenTrees } from './flat-trees.ts';
import { createMaskScorer, type RowBlock, type ScoreRows } from './mask-scorer.ts';
import { GROUP_BYTES, GROUP_TREES, NAN, NODE_BYTES } from './module-layouts.ts';
import type { PlainTrees } from './read-plain-trees.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';

export interface TreeWalker extends LeafFinder {
  /**
   * Adds the leaves' values of each row up, in the order of the trees and in float32: present where trees have one
   * target and WebAssembly runs.
   */
  score?(rows: RowBlock, into: Float32Array): void;
}

const PAGE_BYTES = 65_536;
const BLOCK_ROWS = 64;
/** From so many rows on, small trees take them all at once. */
const MASK_FROM_ROWS = 8;

interface Layout {
  readonly values: number;
  readonly groups: number;
  readonly groupsEnd: number;
  readonly leaves: number;
  readonly leavesEnd: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly scores: number;
  readonly end: number;
}

const layOut = ({ source, roots, columns }: FlatTrees): Layout => {
  // One more node than there are: the leaf that fills the last group.
  const values = NODE_BYTES * (source.length + 1);
  const groups = values + 4 * (source.length + 1);
  const groupsEnd = groups + Math.ceil(roots.length / GROUP_TREES) * GROUP_BYTES;
  // One more place, for the leaves of what fills the last group.
  const rows = groupsEnd + 4 * (roots.length + 1);
  const rowBytes = 4 * Math.max(1, columns.length);
  const scores = rows + BLOCK_ROWS * rowBytes;
  const leavesEnd = groupsEnd + 4 * roots.length;
  return {
    values,
    groups,
    groupsEnd,
    leaves: groupsEnd,
    leavesEnd,
    rows,
    rowBytes,
    scores,
    end: scores + 4 * BLOCK_ROWS,
  };
};

/** Trees of like depth walk together, since all take the steps of the deepest. */
const writeGroups = (memory: ArrayBuffer, { roots, depths, source }: FlatTrees, layout: Layout): void => {
  const words = new Int32Array(memory, layout.groups, (layout.groupsEnd - layout.groups) / 4);
  const order = Array.from(roots.keys()).sort((a, b) => (depths[a] as number) - (depths[b] as number));
  for (let place = 0, group = 0; group < words.length; place += GROUP_TREES, group += GROUP_BYTES / 4) {
    let steps = 1;
    for (let lane = 0; lane < GROUP_TREES; lane++) {
      const tree = order[place + lane] ?? roots.length;
      words[group + lane] = NODE_BYTES * (roots[tree] ?? source.length);
      words[group + GROUP_TREES + 1 + lane] = layout.leaves + 4 * tree;
      steps = Math.max(steps, depths[tree] ?? 0);
    }
    words[group + GROUP_TREES] = steps;
  }
};

/** The bits of each flat leaf's one value: a float would be an object each in code that is not compiled yet. */
const valuesOf = (trees: FlatTrees, ensemble: TreeEnsemble): Int32Array => {
  const values = new Int32Array(trees.source.length);
  const weights = new Int32Array(new Float32Array(ensemble.weightValue).buffer);
  const { source } = trees;
  const { firstWeight, weightCount } = ensemble.nodes;
  for (let at = 0; at < values.length; at++) {
    const place = source[at] as number;
    if (weightCount[place] === 1) values[at] = weights[firstWeight[place] as number] as number;
  }
  return values;
};

interface WalkExports {
  walk(row: number, groups: number, groupsEnd: number): void;
  score(...addresses: readonly number[]): void;
}

/** @param leafValues undefined for trees of several targets, which are not added up here. */
const createWasmWalker = (api: WebAssemblyApi, trees: FlatTrees, leafValues: Int32Array | undefined): TreeWalker => {
  const layout = layOut(trees);
  const memory = new api.Memory({ initial: Math.ceil(layout.end / PAGE_BYTES) });
  // Little-endian, as WebAssembly's memory and every machine that Node runs on for us.
  const nodes = new Int32Array(memory.buffer, 0, trees.words.length + 1);
  nodes.set(trees.words);
  nodes[trees.words.length] = NAN;
  writeGroups(memory.buffer, trees, layout);
  if (leafValues !== undefined) new Int32Array(memory.buffer, layout.values).set(leafValues);
  const instance = new api.Instance(compiledTrees(api), { env: { memory } });
  const { walk, score } = instance.exports as unknown as WalkExports;
  const columns = new Float32Array(memory.buffer, layout.rows, (BLOCK_ROWS * layout.rowBytes) / 4);
  const scores = new Float32Array(memory.buffer, layout.scores, BLOCK_ROWS);
  const found = new Int32Array(memory.buffer, layout.leaves, trees.roots.length);
  const leaves = new Int32Array(trees.roots.length);
  const write = columnWriter(trees);
  const { rows, rowBytes, groups, groupsEnd, leavesEnd, values } = layout;
  const finder: LeafFinder = {
    find: (row, offset) => {
      write(row, offset, columns, 0);
      walk(rows, groups, groupsEnd);
      for (let tree = 0; tree < leaves.length; tree++) {
        leaves[tree] = trees.source[(found[tree] as number) / NODE_BYTES] as number;
      }
      return leaves;
    },
  };
  if (leafValues === undefined) return finder;
  const scoreByWalks: ScoreRows = ({ data, rowCount, stride }, into) => {
    for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rowCount - start);
      for (let i = 0; i < count; i++) write(data, (start + i) * stride, columns, (i * rowBytes) / 4);
      score(
        rows,
        rows + count * rowBytes,
        rowBytes,
        groups,
        groupsEnd,
        layout.leaves,
        leavesEnd,
        values,
        layout.scores,
      );
      for (let i = 0; i < count; i++) into[start + i] = scores[i] as number;
    }
  };
  let scoreBatch: ScoreRows | undefined;
  return {
    ...finder,
    score: (block, into) => {
      if (block.rowCount < MASK_FROM_ROWS) return scoreByWalks(block, into);
      // Made when it is first needed: a cold start answers one row.
      scoreBatch ??= maskScorerOf(api, trees, new Int32Array(memory.buffer, values)) ?? scoreByWalks;
      return scoreBatch(block, into);
    },
  };
};

/** Undefined where no memory for WebAssembly is left, too: the same trees walk where they are. */
const maskScorerOf = (api: WebAssemblyApi, trees: FlatTrees, valueAt: Int32Array): ScoreRows | undefined => {
  try {
    return createMaskScorer(api, trees, valueAt);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** Without memory for WebAssembly the same trees walk in plain TypeScript. */
const walkerOf = (
  api: WebAssemblyApi | undefined,
  trees: FlatTrees,
  leafValues: () => Int32Array | undefined,
): TreeWalker => {
  if (api === undefined) return createFlatFinder(trees);
  try {
    return createWasmWalker(api, trees, leafValues());
  } catch (error) {
    if (error instanceof RangeError) return createFlatFinder(trees);
    throw error;
  }
};

interface Machine {
  readonly api: WebAssemblyApi | undefined;
}

const THIS_MACHINE: Machine = { api: webAssembly };

/** The fastest walker that the trees and the machine allow. */
export const createTreeWalker = (ensemble: TreeEnsemble, { api }: Machine = THIS_MACHINE): TreeWalker => {
  const trees = flattenTrees(ensemble);
  if (trees === undefined) return createPlainFinder(ensemble);
  return walkerOf(api, trees, () => (ensemble.targetCount === 1 ? valuesOf(trees, ensemble) : undefined));
};

/** A walker of trees that are flat already. */
export const createPlainWalker = ({ flat, values }: PlainTrees, { api }: Machine = THIS_MACHINE): TreeWalker =>
  walkerOf(api, flat, () => values);
