import { type Code, type WasmFunction, wasm } from '../wasm/module-builder.ts';
import { GROUP_BYTES, GROUP_TREES } from './module-layouts.ts';

/**
 * The walk down flat trees as WebAssembly. A step waits for the node it loads, some ten cycles; eight trees are walked
 * at once, so that the steps of the others fill the wait. (For one row, bit
 * vectors as in mask-module.ts visit every condition, some 6,000, while the walks take some 1,800 steps.)
 *
 * Memory: nodes of 8 bytes from address 0 (threshold f32, byte offset of its column u16, child u16); the groups of
 * eight trees; the leaves found, one i32 per tree; columns of the rows.
 */

const { get, set } = wasm;

/** node += (child + (column <= threshold)) * 8 */
const step = (node: number, row: number): Code => {
  const column = wasm.f32Load(wasm.i32Add(wasm.i32Load16U(get(node), 4), get(row)));
  const holds = wasm.f32Le(column, wasm.f32Load(get(node)));
  const forward = wasm.i32Shl(wasm.i32Add(wasm.i32Load16U(get(node), 6), holds), wasm.i32Const(3));
  return set(node, wasm.i32Add(get(node), forward));
};

/** walk(row, groups, groupsEnd): the leaves of one row. */
const walk = () => {
  const [row, group, groupsEnd, steps] = [0, 1, 2, 3] as const;
  const nodes = Array.from({ length: GROUP_TREES }, (_, i) => 4 + i);
  const inGroup = (index: number): number => 4 * index;
  const start = nodes.flatMap((node, i) => set(node, wasm.i32Load(get(group), inGroup(i))));
  const down = wasm.doWhile(
    [...nodes.flatMap((node) => step(node, row)), ...set(steps, wasm.i32Sub(get(steps), wasm.i32Const(1)))],
    get(steps),
  );
  const finish = nodes.flatMap((node, i) =>
    wasm.i32Store(wasm.i32Load(get(group), inGroup(GROUP_TREES + 1 + i)), get(node)),
  );
  const body = wasm.doWhile(
    [
      ...start,
      ...set(steps, wasm.i32Load(get(group), inGroup(GROUP_TREES))),
      ...down,
      ...finish,
      ...set(group, wasm.i32Add(get(group), wasm.i32Const(GROUP_BYTES))),
    ],
    wasm.i32LtU(get(group), get(groupsEnd)),
  );
  return { name: 'walk', parameterCount: 3, locals: ['i32', ...nodes.map(() => 'i32' as const)] as const, body };
};

/** sum(leaves, leavesEnd, values, into): adds the leaves' values up in the trees' order, in float32. */
const sum = () => {
  const [leaf, leavesEnd, values, into, total] = [0, 1, 2, 3, 4] as const;
  // A node has 8 bytes, its value 4.
  const valueAt = wasm.i32Add(wasm.i32ShrU(wasm.i32Load(get(leaf)), wasm.i32Const(1)), get(values));
  const body = [
    ...wasm.doWhile(
      [
        ...set(total, wasm.f32Add(get(total), wasm.f32Load(valueAt))),
        ...set(leaf, wasm.i32Add(get(leaf), wasm.i32Const(4))),
      ],
      wasm.i32LtU(get(leaf), get(leavesEnd)),
    ),
    ...wasm.f32Store(get(into), get(total)),
  ];
  return { name: 'sum', parameterCount: 4, locals: ['f32'] as const, body };
};

/** score(row, rowsEnd, rowBytes, groups, groupsEnd, leaves, leavesEnd, values, into): walk and sum, row by row. */
const score = () => {
  const [row, rowsEnd, rowBytes, groups, groupsEnd, leaves, leavesEnd, values, into] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8,
  ] as const;
  const body = wasm.doWhile(
    [
      ...[...get(row), ...get(groups), ...get(groupsEnd), ...wasm.call(0)],
      ...[...get(leaves), ...get(leavesEnd), ...get(values), ...get(into), ...wasm.call(1)],
      ...set(into, wasm.i32Add(get(into), wasm.i32Const(4))),
      ...set(row, wasm.i32Add(get(row), get(rowBytes))),
    ],
    wasm.i32LtU(get(row), get(rowsEnd)),
  );
  return { name: 'score', parameterCount: 9, locals: [], body };
};

/** They call each other by their places: these are the first of their module. */
export const walkFunctions = (): readonly WasmFunction[] => [walk(), sum(), score()];
