import { type WasmModule, type WebAssemblyApi, webAssembly } from '../wasm/web-assembly.ts';
import { columnWriter, createFlatFinder, createPlainFinder, type LeafFinder } from './find-leaves.ts';
import { type FlatTrees, flattenTrees } from './flat-trees.ts';
import type { TreeEnsemble } from './tree-ensemble.ts';
import { buildWalkModule, GROUP_BYTES, GROUP_TREES, NODE_BYTES } from './walk-module.ts';

/** Rows as they lie in a tensor. */
export interface RowBlock {
  readonly data: ArrayLike<number>;
  readonly rowCount: number;
  /** Numbers from one row to the next. */
  readonly stride: number;
}

export interface TreeWalker extends LeafFinder {
  /**
   * Adds the leaves' values of each row up, in the order of the trees and in float32: present where trees have one
   * target and WebAssembly runs.
   */
  score?(rows: RowBlock, into: Float32Array): void;
}

const PAGE_BYTES = 65_536;
const BLOCK_ROWS = 64;

let compiled: WasmModule | undefined;

/** One module for all models; what differs stands in their memories. */
const walkModule = (api: WebAssemblyApi): WasmModule => {
  compiled ??= new api.Module(buildWalkModule());
  return compiled;
};

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

/** Little-endian, as WebAssembly's memory and every machine that Node runs on for us. */
const writeNodes = (memory: ArrayBuffer, { threshold, column, child, source }: FlatTrees): void => {
  const floats = new Float32Array(memory);
  const shorts = new Uint16Array(memory);
  for (let at = 0; at < source.length; at++) {
    floats[2 * at] = threshold[at] as number;
    shorts[4 * at + 2] = 4 * (column[at] as number);
    shorts[4 * at + 3] = child[at] as number;
  }
  floats[2 * source.length] = Number.NaN;
};

/** Trees of like depth walk together, since all take the steps of the deepest. */
const writeGroups = (view: DataView, { roots, depths, source }: FlatTrees, layout: Layout): void => {
  const order = Array.from(roots.keys()).sort((a, b) => (depths[a] as number) - (depths[b] as number));
  for (let place = 0; layout.groups + Math.floor(place / GROUP_TREES) * GROUP_BYTES < layout.groupsEnd; place++) {
    const group = layout.groups + Math.floor(place / GROUP_TREES) * GROUP_BYTES;
    const lane = 4 * (place % GROUP_TREES);
    const tree = order[place] ?? roots.length;
    view.setUint32(group + lane, NODE_BYTES * (roots[tree] ?? source.length), true);
    view.setUint32(group + 4 * (GROUP_TREES + 1) + lane, layout.leaves + 4 * tree, true);
    const steps = Math.max(1, view.getUint32(group + 4 * GROUP_TREES, true), depths[tree] ?? 0);
    view.setUint32(group + 4 * GROUP_TREES, steps, true);
  }
};

const writeValues = (memory: ArrayBuffer, trees: FlatTrees, ensemble: TreeEnsemble, layout: Layout): void => {
  const values = new Float32Array(memory, layout.values, trees.source.length);
  const { firstWeight } = ensemble.nodes;
  for (let at = 0; at < values.length; at++) {
    const first = firstWeight[trees.source[at] as number] as number;
    if (trees.child[at] === 0) values[at] = ensemble.weightValue[first] as number;
  }
};

interface WalkExports {
  walk(row: number, groups: number, groupsEnd: number): void;
  score(...addresses: readonly number[]): void;
}

const createWasmWalker = (api: WebAssemblyApi, ensemble: TreeEnsemble, trees: FlatTrees): TreeWalker => {
  const layout = layOut(trees);
  const memory = new api.Memory({ initial: Math.ceil(layout.end / PAGE_BYTES) });
  const view = new DataView(memory.buffer);
  writeNodes(memory.buffer, trees);
  writeGroups(view, trees, layout);
  if (ensemble.targetCount === 1) writeValues(memory.buffer, trees, ensemble, layout);
  const instance = new api.Instance(walkModule(api), { env: { memory } });
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
  if (ensemble.targetCount !== 1) return finder;
  return {
    ...finder,
    score: ({ data, rowCount, stride }, into) => {
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
    },
  };
};

/** The fastest walker that the trees and the machine allow. */
export const createTreeWalker = (
  ensemble: TreeEnsemble,
  { api = webAssembly }: { readonly api?: WebAssemblyApi | undefined } = {},
): TreeWalker => {
  const trees = flattenTrees(ensemble);
  if (trees === undefined) return createPlainFinder(ensemble);
  if (api === undefined) return createFlatFinder(trees);
  try {
    return createWasmWalker(api, ensemble, trees);
  } catch (error) {
    // No memory of that kind is left: the same trees walk in plain TypeScript.
    if (error instanceof RangeError) return createFlatFinder(trees);
    throw error;
  }
};
