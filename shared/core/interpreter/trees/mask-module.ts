import { buildModule, type Code, wasm } from '../wasm/module-builder.ts';
import { MASK_NODE_BYTES, MASK_ROWS, MASK_VALUES_BYTES } from './module-layouts.ts';

/**
 * Small trees over many rows at once, as QuickScorer does it (Lucchese et al., SIGIR 2015): a tree is a list of masks,
 * each a bit per leaf; a condition that does not hold takes the leaves below it where it does hold away, and the first
 * leaf that is left is the row's. Sixteen rows go through a tree in four vectors without a jump, and the tree's nodes
 * stay in the nearest cache while all rows of a block go through it.
 *
 * Memory: nodes of 12 bytes from address 0 (threshold f32, mask i32, byte offset of its column i32), tree by tree; the
 * end of each tree's nodes, i32; each tree's values, f32 per leaf; sums of the rows; columns, one after another.
 */

const { get, set } = wasm;
const LANES = [0, 1, 2, 3] as const;

/** The values of the leaves that four rows are left with. */
const leafValues = (left: number, values: number): Code => {
  const valueIn = (lane: number): Code =>
    wasm.f32Load(wasm.i32Add(get(values), wasm.i32Shl(wasm.i32Ctz(wasm.i32x4Lane(get(left), lane)), wasm.i32Const(2))));
  return LANES.slice(1).reduce<Code>(
    (vector, lane) => wasm.f32x4WithLane(vector, lane, valueIn(lane)),
    wasm.f32x4Splat(valueIn(0)),
  );
};

/**
 * score(node, ends, endsEnd, values, columns, sums, rowsEnd): adds each tree's value to the sums of the rows, in the
 * trees' order; rowsEnd is four times their number, a multiple of 16.
 */
const score = () => {
  const [node, ends, endsEnd, values, columns, sums, rowsEnd] = [0, 1, 2, 3, 4, 5, 6] as const;
  const [at, end, row, column, threshold, mask] = [7, 8, 9, 10, 11, 12] as const;
  const left = LANES.map((index) => 13 + index);
  const start = left.flatMap((local) => set(local, wasm.i32x4Splat(wasm.i32Const(-1))));
  const narrow = left.flatMap((local, i) => {
    const holds = wasm.f32x4Le(wasm.v128Load(get(column), 16 * i), get(threshold));
    return set(local, wasm.v128And(get(local), wasm.v128Or(holds, get(mask))));
  });
  const throughNodes = wasm.doWhile(
    [
      ...set(threshold, wasm.v128Load32Splat(get(at))),
      ...set(mask, wasm.v128Load32Splat(get(at), 4)),
      ...set(column, wasm.i32Add(wasm.i32Load(get(at), 8), wasm.i32Add(get(columns), get(row)))),
      ...narrow,
      ...set(at, wasm.i32Add(get(at), wasm.i32Const(MASK_NODE_BYTES))),
    ],
    wasm.i32LtU(get(at), get(end)),
  );
  const addValues = left.flatMap((local, i) => {
    const sum = wasm.v128Load(wasm.i32Add(get(sums), get(row)), 16 * i);
    return wasm.v128Store(wasm.i32Add(get(sums), get(row)), wasm.f32x4Add(sum, leafValues(local, values)), 16 * i);
  });
  const throughRows = wasm.doWhile(
    [
      ...start,
      ...set(at, get(node)),
      ...throughNodes,
      ...addValues,
      ...set(row, wasm.i32Add(get(row), wasm.i32Const(4 * MASK_ROWS))),
    ],
    wasm.i32LtU(get(row), get(rowsEnd)),
  );
  const body = wasm.doWhile(
    [
      ...set(end, wasm.i32Load(get(ends))),
      ...set(row, wasm.i32Const(0)),
      ...throughRows,
      ...set(node, get(end)),
      ...set(values, wasm.i32Add(get(values), wasm.i32Const(MASK_VALUES_BYTES))),
      ...set(ends, wasm.i32Add(get(ends), wasm.i32Const(4))),
    ],
    wasm.i32LtU(get(ends), get(endsEnd)),
  );
  const locals = ['i32', 'i32', 'i32', 'i32', ...Array.from({ length: 6 }, () => 'v128' as const)] as const;
  return { name: 'score', parameterCount: 7, locals, body };
};

export const buildMaskModule = (): Uint8Array<ArrayBuffer> => buildModule([score()]);
