import { decodeModule } from '../wasm/decode-module.ts';
import type { WasmModule, WebAssemblyApi } from '../wasm/web-assembly.ts';
import { type Column, fulfils } from './comparisons.ts';
import type { FlatTrees } from './flat-trees.ts';
import { MASK_MODULE } from './module-bytes.ts';
import { MASK_BITS, MASK_NODE_BYTES, MASK_ROWS, MASK_VALUES_BYTES } from './module-layouts.ts';

/** Rows as they lie in a tensor. */
export interface RowBlock {
  readonly data: ArrayLike<number>;
  readonly rowCount: number;
  /** Numbers from one row to the next. */
  readonly stride: number;
}

export type ScoreRows = (rows: RowBlock, into: Float32Array) => void;

const PAGE_BYTES = 65_536;
const BLOCK_ROWS = 64;
/** Of columns for one block of rows: what has more is walked. */
const MOST_COLUMNS = 2 ** 10;

let compiled: WasmModule | undefined;

/** One module for all models. @returns undefined where the machine has no vectors. */
const maskModule = (api: WebAssemblyApi): WasmModule | undefined => {
  const bytes = decodeModule(MASK_MODULE);
  if (!api.validate(bytes)) return undefined;
  compiled ??= new api.Module(bytes);
  return compiled;
};

interface MaskTrees {
  /** Threshold, mask and column of each node. */
  readonly nodes: Int32Array;
  readonly ends: Int32Array;
  /** Bits of the leaves' values. */
  readonly values: Int32Array;
}

/** @returns undefined for trees of more leaves than a mask has bits. */
const maskTrees = ({ words, roots, source }: FlatTrees, valueAt: Int32Array): MaskTrees | undefined => {
  // A tree of one leaf has a node that changes nothing.
  const nodes = new Int32Array(3 * (source.length + roots.length));
  const ends = new Int32Array(roots.length);
  const values = new Int32Array(MASK_BITS * roots.length);
  let next = 0;
  let leaves = 0;
  const add = (threshold: number, mask: number, column: number): void => {
    nodes.set([threshold, mask, column], next);
    next += 3;
  };
  /** @returns the leaves below a node: those where its condition holds come first. */
  const visit = (at: number, tree: number): void => {
    const word = words[2 * at + 1] as number;
    if (word === 0) {
      if (leaves < MASK_BITS) values[MASK_BITS * tree + leaves] = valueAt[at] as number;
      leaves += 1;
      return;
    }
    const child = at + (word >>> 16);
    const first = leaves;
    visit(child + 1, tree);
    const held = leaves;
    visit(child, tree);
    if (leaves > MASK_BITS) return;
    // Fewer than all bits: the other branch has a leaf.
    add(words[2 * at] as number, ~(((1 << (held - first)) - 1) << first), (word & 0xffff) * BLOCK_ROWS);
  };
  for (let tree = 0; tree < roots.length; tree++) {
    leaves = 0;
    visit(roots[tree] as number, tree);
    if (leaves > MASK_BITS) return undefined;
    if (leaves === 1) add(0, -1, 0);
    ends[tree] = (next / 3) * MASK_NODE_BYTES;
  }
  return { nodes: nodes.subarray(0, next), ends, values };
};

/** Writes one column: as many rows as there is room for, from one on. */
const writeColumn = (column: Column, { data, stride }: RowBlock, start: number, into: Float32Array): void => {
  let from = start * stride + column.feature;
  if (column.kind === 'flag') {
    for (let i = 0; i < into.length; i++, from += stride) into[i] = fulfils(data[from] as number, column) ? 0 : 1;
    return;
  }
  const sign = column.kind === 'negated' ? -1 : 1;
  for (let i = 0; i < into.length; i++, from += stride) into[i] = (data[from] as number) * sign;
};

/**
 * Adds the leaves' values of each row up, in the order of the trees and in float32.
 * @param valueAt the bits of each flat leaf's value.
 * @param deepest steps of the deepest tree.
 * @returns undefined for larger trees, and where the machine has no vectors.
 */
export const createMaskScorer = (api: WebAssemblyApi, flat: FlatTrees, valueAt: Int32Array): ScoreRows | undefined => {
  if (flat.columns.length > MOST_COLUMNS || flat.source.length > 2 * MASK_BITS * flat.roots.length) return undefined;
  if (flat.depths.some((depth) => depth >= MASK_BITS)) return undefined;
  const module = maskModule(api);
  const trees = module === undefined ? undefined : maskTrees(flat, valueAt);
  if (module === undefined || trees === undefined) return undefined;
  const ends = trees.nodes.byteLength;
  const endsEnd = ends + trees.ends.byteLength;
  const values = endsEnd;
  // Vectors are read from where they start at a multiple of their size.
  const sumsAt = Math.ceil((values + MASK_VALUES_BYTES * flat.roots.length) / 16) * 16;
  const columnsAt = sumsAt + 4 * BLOCK_ROWS;
  const end = columnsAt + 4 * BLOCK_ROWS * Math.max(1, flat.columns.length);
  const memory = new api.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
  const all = new Int32Array(memory.buffer);
  all.set(trees.nodes);
  all.set(trees.ends, ends / 4);
  all.set(trees.values, values / 4);
  const sums = new Float32Array(memory.buffer, sumsAt, BLOCK_ROWS);
  const block = new Float32Array(memory.buffer, columnsAt);
  const write = (rows: RowBlock, start: number, count: number): void => {
    flat.columns.forEach((column, index) => {
      writeColumn(column, rows, start, block.subarray(BLOCK_ROWS * index, BLOCK_ROWS * index + count));
    });
  };
  const { exports } = new api.Instance(module, { env: { memory } });
  const score = exports.score as (...addresses: readonly number[]) => void;
  return (rows, into) => {
    for (let start = 0; start < rows.rowCount; start += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, rows.rowCount - start);
      write(rows, start, count);
      sums.fill(0);
      score(0, ends, endsEnd, values, columnsAt, sumsAt, 4 * MASK_ROWS * Math.ceil(count / MASK_ROWS));
      for (let i = 0; i < count; i++) into[start + i] = sums[i] as number;
    }
  };
};
