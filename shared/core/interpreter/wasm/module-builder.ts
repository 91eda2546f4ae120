/**
 * Writes WebAssembly modules in its binary format (https://webassembly.github.io/spec/core/binary/). Code is a list of
 * bytes made by functions named as the text format's instructions: operands first, as a stack machine reads them.
 */

export type Code = readonly number[];
export type ValueType = 'i32' | 'f32' | 'v128';

const VALUE_TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
const EMPTY_BLOCK = 0x40;

/** LEB128: sections, indices and constants. */
const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
};

const signed = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x3f || rest < -0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
  return bytes;
};

const vector = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const text = (value: string): number[] => vector([...new TextEncoder().encode(value)].map((byte) => [byte]));
const section = (id: number, content: Code): number[] => [id, ...unsigned(content.length), ...content];

const binary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, opcode];
/** @param align exponent of two that the address is known to be a multiple of. */
const load =
  (opcode: number, align: number) =>
  (address: Code, offset = 0): Code => [...address, opcode, align, ...unsigned(offset)];
const store =
  (opcode: number, align: number) =>
  (address: Code, value: Code, offset = 0): Code => [...address, ...value, opcode, align, ...unsigned(offset)];

/** Instructions on vectors of 128 bits have a prefix. */
const VECTOR = 0xfd;
const vectorBinary =
  (opcode: number) =>
  (a: Code, b: Code): Code => [...a, ...b, VECTOR, ...unsigned(opcode)];
const vectorLoad =
  (opcode: number, align: number) =>
  (address: Code, offset = 0): Code => [...address, VECTOR, opcode, align, ...unsigned(offset)];

export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: binary(0x6a),
  i32Sub: binary(0x6b),
  i32Shl: binary(0x74),
  i32ShrU: binary(0x76),
  i32Eq: binary(0x46),
  i32Ne: binary(0x47),
  i32LtU: binary(0x49),
  i32GtU: binary(0x4b),
  i32LeU: binary(0x4d),
  i32GeU: binary(0x4f),
  i32And: binary(0x71),
  i32Or: binary(0x72),
  i32Xor: binary(0x73),
  i32Ctz: (value: Code): Code => [...value, 0x68],
  f32Le: binary(0x5f),
  f32Add: binary(0x92),
  i32Load: load(0x28, 2),
  i32Load8U: load(0x2d, 0),
  i32Load16U: load(0x2f, 1),
  f32Load: load(0x2a, 2),
  i32Store: store(0x36, 2),
  f32Store: store(0x38, 2),
  v128Load: vectorLoad(0x00, 4),
  /** One number of 32 bits in all four lanes. */
  v128Load32Splat: vectorLoad(0x09, 2),
  v128Store: (address: Code, value: Code, offset = 0): Code => [
    ...address,
    ...value,
    VECTOR,
    0x0b,
    4,
    ...unsigned(offset),
  ],
  v128And: vectorBinary(0x4e),
  v128Or: vectorBinary(0x50),
  i32x4Splat: (value: Code): Code => [...value, VECTOR, 0x11],
  i32x4Lane: (value: Code, lane: number): Code => [...value, VECTOR, 0x1b, lane],
  f32x4Splat: (value: Code): Code => [...value, VECTOR, 0x13],
  f32x4WithLane: (vector: Code, lane: number, value: Code): Code => [...vector, ...value, VECTOR, 0x20, lane],
  f32x4Le: vectorBinary(0x45),
  f32x4Add: vectorBinary(0xe4),
  /** Runs the body, and again while the condition that follows it holds: a loop is entered once at least. */
  doWhile: (body: Code, condition: Code): Code => [
    0x03,
    EMPTY_BLOCK,
    ...body,
    ...condition,
    0x0d,
    ...unsigned(0),
    0x0b,
  ],
  /** Runs the body while the condition that precedes it holds. In the body `branch(0)` goes on, `branch(1)` leaves. */
  whileDo: (condition: Code, body: Code): Code => [
    ...[0x02, EMPTY_BLOCK, 0x03, EMPTY_BLOCK],
    ...[...condition, 0x45, 0x0d, 1],
    ...[...body, 0x0c, 0],
    ...[0x0b, 0x0b],
  ],
  ifThen: (condition: Code, body: Code): Code => [...condition, 0x04, EMPTY_BLOCK, ...body, 0x0b],
  ifElse: (condition: Code, body: Code, otherwise: Code): Code => [
    ...[...condition, 0x04, EMPTY_BLOCK],
    ...body,
    0x05,
    ...otherwise,
    0x0b,
  ],
  /** @param depth how many of the blocks around it are left: a loop is begun again, an `if` counts as a block. */
  branch: (depth: number): Code => [0x0c, ...unsigned(depth)],
  return: (value: Code): Code => [...value, 0x0f],
  call: (index: number): Code => [0x10, ...unsigned(index)],
} as const;

export interface WasmFunction {
  readonly name: string;
  /** All parameters are i32. */
  readonly parameterCount: number;
  /** @default nothing */
  readonly returns?: 'i32';
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/** A module that imports memory `env.memory` and exports its functions. */
export const buildModule = (functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> => {
  const types = functions.map(({ parameterCount, returns }) => [
    0x60,
    ...vector(Array.from({ length: parameterCount }, () => [VALUE_TYPES.i32])),
    ...vector(returns === undefined ? [] : [[VALUE_TYPES[returns]]]),
  ]);
  const bodies = functions.map(({ locals, body }) => {
    const declared = vector(locals.map((type) => [1, VALUE_TYPES[type]]));
    return [...unsigned(declared.length + body.length + 1), ...declared, ...body, 0x0b];
  });
  const memoryImport = [...text('env'), ...text('memory'), 0x02, 0x00, 1];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([memoryImport])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]))),
    ...section(10, vector(bodies)),
  ]);
};
