import { type Code, type WasmFunction, wasm } from '../wasm/module-builder.ts';
import { FLATTEN_PARAMETERS, type FlattenParameter, MOST_FLAT_FEATURES, NAN, UNREAD } from './module-layouts.ts';
import { LEAF } from './tree-ensemble.ts';

/**
 * Trees of one target, as nearly every tool writes them, made flat in one pass of WebAssembly: what
 * `readTreeEnsemble`, `flattenTrees` and the walker's values come to, without the arrays between them. Whatever is not
 * plain is left to these: then nothing is flattened.
 */

const MOST_TREE_NODES = 2 ** 16;
const SIGN = -(2 ** 31);
const INFINITE = 0x7f800000;
const LAST_ORDERED_MODE = 3;

const { get, set } = wasm;
const parameter = Object.fromEntries(FLATTEN_PARAMETERS.map((name, place) => [name, place])) as Readonly<
  Record<FlattenParameter, number>
>;
const LOCALS = [
  ...['tree', 'treeId', 'start', 'end', 'weight', 'flat', 'flatStart', 'at', 'node', 'depth', 'levelEnd'],
  ...['mode', 'feature', 'featureCount', 'isMissing', 'negated', 'bits', 'code', 'column', 'columnCount', 'child'],
] as const;
type Local = (typeof LOCALS)[number];
const local = Object.fromEntries(LOCALS.map((name, i) => [name, FLATTEN_PARAMETERS.length + i])) as Readonly<
  Record<Local, number>
>;

const value = (name: FlattenParameter | Local): Code => get({ ...parameter, ...local }[name]);
const assign = (name: Local, code: Code): Code => set(local[name], code);
const increment = (name: Local, by = 1): Code => assign(name, wasm.i32Add(value(name), wasm.i32Const(by)));
const constant = wasm.i32Const;

const addressOf = (list: FlattenParameter, index: Code): Code =>
  wasm.i32Add(value(list), wasm.i32Shl(index, constant(2)));
const entry = (list: FlattenParameter, index: Code): Code => wasm.i32Load(addressOf(list, index));
const write = (list: FlattenParameter, index: Code, code: Code): Code => wasm.i32Store(addressOf(list, index), code);

const refuse = wasm.return(constant(UNREAD));
const refuseIf = (condition: Code): Code => wasm.ifThen(condition, refuse);
const isNot = (a: Code, b: Code): Code => refuseIf(wasm.i32Ne(a, b));

/** A leaf's one weight is the next of the list; it takes the place of its child. */
const takeWeight: Code = [
  ...refuseIf(wasm.i32GeU(value('weight'), value('weightCount'))),
  ...isNot(entry('weightTreeIds', value('weight')), value('treeId')),
  ...isNot(entry('weightNodeIds', value('weight')), entry('nodeIds', value('end'))),
  ...refuseIf(entry('weightTargets', value('weight'))),
  ...write('trueIds', value('end'), entry('weights', value('weight'))),
  ...increment('weight'),
];

/** Conditions that an order decides, on numbers: `isOrdered` of comparisons.ts. */
const checkBranch: Code = [
  ...refuseIf(wasm.i32GtU(value('mode'), constant(LAST_ORDERED_MODE))),
  ...refuseIf(wasm.i32GtU(wasm.i32And(entry('values', value('end')), constant(~SIGN)), constant(INFINITE))),
];

/** The nodes of one tree stand together and are numbered from 0: `end` goes to the next tree's first. */
const findEnd = wasm.whileDo(wasm.i32LtU(value('end'), value('nodeCount')), [
  ...wasm.ifThen(wasm.i32Ne(entry('treeIds', value('end')), value('treeId')), wasm.branch(2)),
  ...isNot(entry('nodeIds', value('end')), wasm.i32Sub(value('end'), value('start'))),
  ...assign('feature', entry('features', value('end'))),
  ...refuseIf(wasm.i32GeU(value('feature'), constant(MOST_FLAT_FEATURES))),
  ...wasm.ifThen(
    wasm.i32GeU(value('feature'), value('featureCount')),
    assign('featureCount', wasm.i32Add(value('feature'), constant(1))),
  ),
  ...assign('mode', entry('modes', value('end'))),
  ...wasm.ifElse(wasm.i32Eq(value('mode'), constant(LEAF)), takeWeight, checkBranch),
  ...increment('end'),
]);

/** Children stand behind their node, in its tree: no way down is a loop. */
const checkChild = (ids: FlattenParameter): Code => [
  ...assign('child', wasm.i32Add(value('start'), entry(ids, value('node')))),
  ...refuseIf(wasm.i32LeU(value('child'), value('node'))),
  ...refuseIf(wasm.i32GeU(value('child'), value('end'))),
];

const checkChildren: Code = [
  ...assign('node', value('start')),
  ...wasm.whileDo(wasm.i32LtU(value('node'), value('end')), [
    ...wasm.ifThen(wasm.i32Ne(entry('modes', value('node')), constant(LEAF)), [
      ...checkChild('trueIds'),
      ...checkChild('falseIds'),
    ]),
    ...increment('node'),
  ]),
];

/** The bits of the float32 below: `bitsBelow` of comparisons.ts. */
const bitsBelow = wasm.ifElse(
  wasm.i32Shl(value('bits'), constant(1)),
  wasm.ifElse(wasm.i32And(value('bits'), constant(SIGN)), increment('bits'), increment('bits', -1)),
  assign('bits', constant(SIGN | 1)),
);

/** What the node's feature, or its negation, is at most: `orderedThreshold` of comparisons.ts. */
const makeThreshold: Code = [
  ...assign('isMissing', constant(0)),
  ...wasm.ifThen(value('missing'), assign('isMissing', wasm.i32Eq(entry('missing', value('node')), constant(1)))),
  ...assign('negated', wasm.i32Xor(wasm.i32ShrU(value('mode'), constant(1)), value('isMissing'))),
  ...assign('bits', entry('values', value('node'))),
  ...wasm.ifThen(value('negated'), assign('bits', wasm.i32Xor(value('bits'), constant(SIGN)))),
  ...wasm.ifThen(wasm.i32Xor(wasm.i32And(value('mode'), constant(1)), value('isMissing')), bitsBelow),
];

/** One more than the place of the column that is compared. */
const findColumn: Code = [
  ...assign('code', wasm.i32Or(wasm.i32Shl(entry('features', value('node')), constant(1)), value('negated'))),
  ...assign('column', entry('places', value('code'))),
  ...wasm.ifThen(wasm.i32Eq(value('column'), constant(0)), [
    ...refuseIf(wasm.i32GeU(value('columnCount'), constant(MOST_FLAT_FEATURES))),
    ...write('columns', value('columnCount'), value('code')),
    ...increment('columnCount'),
    ...assign('column', value('columnCount')),
    ...write('places', value('code'), value('column')),
  ]),
];

const twice = (index: Code): Code => wasm.i32Shl(index, constant(1));
const next = (index: Code): Code => wasm.i32Add(index, constant(1));

/** Where "is at most" is the opposite of the model's condition, its children change places. */
const pushChild = (place: Code, whereMissing: FlattenParameter, otherwise: FlattenParameter): Code =>
  wasm.ifElse(
    value('isMissing'),
    write('source', place, wasm.i32Add(value('start'), entry(whereMissing, value('node')))),
    write('source', place, wasm.i32Add(value('start'), entry(otherwise, value('node')))),
  );

const writeBranch: Code = [
  // A branch that two nodes share would be copied.
  ...refuseIf(
    wasm.i32GtU(
      wasm.i32Sub(wasm.i32Add(value('flat'), constant(2)), value('flatStart')),
      wasm.i32Sub(value('end'), value('start')),
    ),
  ),
  ...makeThreshold,
  ...findColumn,
  ...write('words', twice(value('at')), value('bits')),
  ...write(
    'words',
    next(twice(value('at'))),
    wasm.i32Or(
      wasm.i32Shl(wasm.i32Sub(value('column'), constant(1)), constant(2)),
      wasm.i32Shl(wasm.i32Sub(value('flat'), value('at')), constant(16)),
    ),
  ),
  ...write('leafValues', value('at'), constant(0)),
  ...pushChild(value('flat'), 'trueIds', 'falseIds'),
  ...pushChild(next(value('flat')), 'falseIds', 'trueIds'),
  ...increment('flat', 2),
];

const writeLeaf: Code = [
  ...write('words', twice(value('at')), constant(NAN)),
  ...write('words', next(twice(value('at'))), constant(0)),
  ...write('leafValues', value('at'), entry('trueIds', value('node'))),
];

/** Level by level. */
const flattenTree: Code = [
  ...assign('flatStart', value('flat')),
  ...write('roots', value('tree'), value('flat')),
  ...write('source', value('flat'), value('start')),
  ...assign('at', value('flat')),
  ...increment('flat'),
  ...assign('depth', constant(0)),
  ...assign('levelEnd', value('flat')),
  ...wasm.whileDo(wasm.i32LtU(value('at'), value('flat')), [
    ...wasm.ifThen(wasm.i32Eq(value('at'), value('levelEnd')), [
      ...increment('depth'),
      ...assign('levelEnd', value('flat')),
    ]),
    ...assign('node', entry('source', value('at'))),
    ...assign('mode', entry('modes', value('node'))),
    ...wasm.ifElse(wasm.i32Eq(value('mode'), constant(LEAF)), writeLeaf, writeBranch),
    ...increment('at'),
  ]),
  ...write('depths', value('tree'), value('depth')),
];

/** flatten(…): how many trees there are, -1 for what is not plain; nodes, columns and features stand at `result`. */
export const flattenFunction = (): WasmFunction => {
  const eachTree = wasm.whileDo(wasm.i32LtU(value('start'), value('nodeCount')), [
    // Trees that are numbered upwards are not told apart by a list of them.
    ...wasm.ifThen(value('tree'), refuseIf(wasm.i32LeU(entry('treeIds', value('start')), value('treeId')))),
    ...assign('treeId', entry('treeIds', value('start'))),
    ...assign('end', value('start')),
    ...findEnd,
    ...refuseIf(wasm.i32GtU(wasm.i32Sub(value('end'), value('start')), constant(MOST_TREE_NODES - 1))),
    ...checkChildren,
    ...flattenTree,
    ...increment('tree'),
    ...assign('start', value('end')),
  ]);
  const body = [
    ...eachTree,
    ...isNot(value('weight'), value('weightCount')),
    ...wasm.i32Store(value('result'), value('flat')),
    ...wasm.i32Store(value('result'), value('columnCount'), 4),
    ...wasm.i32Store(value('result'), value('featureCount'), 8),
    ...value('tree'),
  ];
  const locals = LOCALS.map(() => 'i32' as const);
  return { name: 'flatten', parameterCount: FLATTEN_PARAMETERS.length, returns: 'i32', locals, body };
};
