import { type Code, type WasmFunction, wasm } from '../wasm/module-builder.ts';
import { UNREAD, WORD_ROW_BYTES } from './module-layouts.ts';

/**
 * The lists of a tree ensemble's attributes as WebAssembly: they have ten thousand entries each, and a cold start waits
 * for all of them before V8 has compiled anything of TypeScript.
 *
 * Each function reads one AttributeProto (https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto) from `at` to `end`
 * and writes its list, 32 bits an entry, from `into` on. It returns how many there are, and -1 for what it does not
 * read: malformed bytes, numbers beyond 28 bits, words it does not know, fields that no writer puts there. Whoever
 * asked then reads the attribute as any other.
 */

/** Parameters of all; the last two are used for words alone. */
const [at, end, into, table, tableEnd] = [0, 1, 2, 3, 4] as const;
const [start, tag, length, limit, number, shift, byte] = [5, 6, 7, 8, 9, 10, 11] as const;
const [row, first, middle, last] = [12, 13, 14, 15] as const;
const LOCALS = Array.from({ length: last - tableEnd }, () => 'i32' as const);
const { get, set } = wasm;

const unread = wasm.return(wasm.i32Const(UNREAD));
const unreadIf = (condition: Code): Code => wasm.ifThen(condition, unread);
const advance = (by: number): Code => set(at, wasm.i32Add(get(at), wasm.i32Const(by)));
const write = (value: Code): Code => [
  ...wasm.i32Store(get(into), value),
  ...set(into, wasm.i32Add(get(into), wasm.i32Const(4))),
];

/** Seven bits a byte, four bytes at most. */
const readVarint = (stop: number): Code => [
  ...set(number, wasm.i32Const(0)),
  ...set(shift, wasm.i32Const(0)),
  ...wasm.doWhile(
    [
      ...unreadIf(wasm.i32GeU(get(at), get(stop))),
      ...unreadIf(wasm.i32GtU(get(shift), wasm.i32Const(21))),
      ...set(byte, wasm.i32Load8U(get(at))),
      ...advance(1),
      ...set(number, wasm.i32Or(get(number), wasm.i32Shl(wasm.i32And(get(byte), wasm.i32Const(0x7f)), get(shift)))),
      ...set(shift, wasm.i32Add(get(shift), wasm.i32Const(7))),
    ],
    wasm.i32GeU(get(byte), wasm.i32Const(0x80)),
  ),
];

/** Reads a length, which must not go beyond the end. */
const readLength: Code = [
  ...readVarint(end),
  ...set(length, get(number)),
  ...unreadIf(wasm.i32GtU(get(length), wasm.i32Sub(get(end), get(at)))),
];

/** `name` and `doc_string`. */
const TEXT_TAGS = [0x0a, 0x6a] as const;
/** The two bytes of field 20's tag, `type`, a varint below 128. */
const TYPE_TAG = [0xa0, 0x01] as const;

const skipType: Code = [
  ...unreadIf(wasm.i32LtU(wasm.i32Sub(get(end), get(at)), wasm.i32Const(2))),
  ...unreadIf(wasm.i32Ne(wasm.i32Load8U(get(at)), wasm.i32Const(TYPE_TAG[1]))),
  ...unreadIf(wasm.i32GeU(wasm.i32Load8U(get(at), 1), wasm.i32Const(0x80))),
  ...advance(2),
];

const isTag = (value: number): Code => wasm.i32Eq(get(tag), wasm.i32Const(value));

interface ListKind {
  readonly name: string;
  /** Of a field with one entry. */
  readonly singleTag: number;
  readonly readSingle: Code;
  /** Of a field with many, which are read up to `limit`. */
  readonly packed?: { readonly tag: number; readonly readEntry: Code };
}

const listFunction = ({ name, singleTag, readSingle, packed }: ListKind): WasmFunction => {
  const isText = wasm.i32Or(isTag(TEXT_TAGS[0]), isTag(TEXT_TAGS[1]));
  const skipText = wasm.ifElse(isText, [...readLength, ...set(at, wasm.i32Add(get(at), get(length)))], unread);
  const skip = wasm.ifElse(isTag(TYPE_TAG[0]), skipType, skipText);
  const readPacked = (readEntry: Code): Code => [
    ...readLength,
    ...set(limit, wasm.i32Add(get(at), get(length))),
    ...wasm.whileDo(wasm.i32LtU(get(at), get(limit)), readEntry),
  ];
  const other = packed === undefined ? skip : wasm.ifElse(isTag(packed.tag), readPacked(packed.readEntry), skip);
  const field = wasm.ifElse(isTag(singleTag), readSingle, other);
  const body = [
    ...set(start, get(into)),
    ...wasm.whileDo(wasm.i32LtU(get(at), get(end)), [...set(tag, wasm.i32Load8U(get(at))), ...advance(1), ...field]),
    ...wasm.i32ShrU(wasm.i32Sub(get(into), get(start)), wasm.i32Const(2)),
  ];
  return { name, parameterCount: tableEnd + 1, returns: 'i32', locals: LOCALS, body };
};

const readFloat = (stop: number): Code => [
  ...unreadIf(wasm.i32LtU(wasm.i32Sub(get(stop), get(at)), wasm.i32Const(4))),
  ...write(wasm.i32Load(get(at))),
  ...advance(4),
];

const readInteger = (stop: number): Code => [...readVarint(stop), ...write(get(number))];

/** Of a list that has not ended: most are of one byte. */
const readListed: Code = wasm.ifElse(
  wasm.i32LtU(wasm.i32Load8U(get(at)), wasm.i32Const(0x80)),
  [...write(wasm.i32Load8U(get(at))), ...advance(1)],
  readInteger(limit),
);

const isRow: Code = [
  wasm.i32Eq(wasm.i32Load(get(row)), get(length)),
  wasm.i32Eq(wasm.i32Load(get(row), 4), get(first)),
  wasm.i32Eq(wasm.i32Load(get(row), 8), get(middle)),
  wasm.i32Eq(wasm.i32Load(get(row), 12), get(last)),
].reduce((a, b) => wasm.i32And(a, b));

/** Letters behind the bytes are zeros of the memory, or what stands there: a length tells. */
const readWord: Code = [
  ...readLength,
  ...unreadIf(wasm.i32LtU(get(length), wasm.i32Const(4))),
  ...set(first, wasm.i32Load(get(at))),
  ...set(middle, wasm.i32Const(0)),
  ...wasm.ifThen(wasm.i32GeU(get(length), wasm.i32Const(8)), set(middle, wasm.i32Load(get(at), 4))),
  ...set(at, wasm.i32Add(get(at), get(length))),
  ...set(last, wasm.i32Load(wasm.i32Sub(get(at), wasm.i32Const(4)))),
  ...set(row, get(table)),
  ...wasm.whileDo(wasm.i32Eq(isRow, wasm.i32Const(0)), [
    ...set(row, wasm.i32Add(get(row), wasm.i32Const(WORD_ROW_BYTES))),
    ...unreadIf(wasm.i32GeU(get(row), get(tableEnd))),
  ]),
  ...write(wasm.i32ShrU(wasm.i32Sub(get(row), get(table)), wasm.i32Const(4))),
];

/** `integers`, `floats` and `words` (at, end, into, table, tableEnd). */
export const listFunctions = (): readonly WasmFunction[] => [
  listFunction({
    name: 'integers',
    singleTag: 0x40,
    readSingle: readInteger(end),
    packed: { tag: 0x42, readEntry: readListed },
  }),
  listFunction({
    name: 'floats',
    singleTag: 0x3d,
    readSingle: readFloat(end),
    packed: { tag: 0x3a, readEntry: readFloat(limit) },
  }),
  listFunction({ name: 'words', singleTag: 0x4a, readSingle: readWord }),
];
