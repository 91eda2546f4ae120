import { InvalidRequestError } from '../../kernel/errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { DistinctSketch } from './distinct-sketch.ts';
import { type HeavyHitters, HITTERS } from './heavy-hitters.ts';
import { MAX_SKETCH_SIZE, type QuantileSketch } from './quantile-sketch.ts';

const refuse = (what: string, allowed: string, got: number): never => {
  throw new InvalidRequestError(`a profile's ${what} must be ${allowed}, got ${got}`);
};

const MAX_REGISTER = 32;
/** A pair of bytes for each register that is set takes less than all of them up to this share. */
const SPARSE_SHARE = 1 / 4;
const NIBBLE = 15;

/** Few registers as (index, value), many as four bits each above their minimum, those beyond listed after. */
export const writeDistinct = (writer: ByteWriter, registers: DistinctSketch): void => {
  const set = registers.reduce((count, rank) => count + (rank > 0 ? 1 : 0), 0);
  if (set < registers.length * SPARSE_SHARE) {
    writer.byte(0);
    writer.whole(set);
    registers.forEach((rank, index) => {
      if (rank > 0) {
        writer.whole(index);
        writer.byte(rank);
      }
    });
    return;
  }
  const base = registers.reduce((least, rank) => Math.min(least, rank), MAX_REGISTER);
  const above = (index: number): number => Math.min(NIBBLE, (registers[index] as number) - base);
  writer.byte(1);
  writer.byte(base);
  for (let index = 0; index < registers.length; index += 2) writer.byte(above(index) * 16 + above(index + 1));
  registers.forEach((rank, index) => {
    if (above(index) === NIBBLE) writer.byte(rank);
  });
};

const checkRegisters = (registers: DistinctSketch): DistinctSketch => {
  for (const rank of registers) if (rank > MAX_REGISTER) refuse('register', `at most ${MAX_REGISTER}`, rank);
  return registers;
};

const readSparse = (reader: ByteReader, registers: DistinctSketch): void => {
  for (let left = reader.whole(); left > 0; left -= 1) {
    const index = reader.whole();
    if (index >= registers.length) refuse('register index', `below ${registers.length}`, index);
    registers[index] = reader.byte();
  }
};

const readDense = (reader: ByteReader, registers: DistinctSketch): void => {
  const base = reader.byte();
  for (let index = 0; index < registers.length; index += 2) {
    const pair = reader.byte();
    registers[index] = base + (pair >> 4);
    registers[index + 1] = base + (pair % 16);
  }
  for (let index = 0; index < registers.length; index += 1) {
    if (registers[index] === base + NIBBLE) registers[index] = reader.byte();
  }
};

export const readDistinct = (reader: ByteReader, size: number): DistinctSketch => {
  const registers = new Uint8Array(size);
  const form = reader.byte();
  if (form > 1) refuse('distinct count', 'of form 0 or 1', form);
  if (form === 0) readSparse(reader, registers);
  else readDense(reader, registers);
  return checkRegisters(registers);
};

/** A level's form: 0 … 6 are decimals of so many places, 7 floats, 8 doubles. */
const MAX_PLACES = 6;
const FLOATS = 7;
const DOUBLES = 8;
const MAX_WHOLE = 2 ** 51;

/** The whole number that stands for a decimal; undefined where the decimal would not come back as it was. */
const wholeOf = (value: number, scale: number): number | undefined => {
  const whole = Math.round(value * scale) + 0;
  return Math.abs(whole) <= MAX_WHOLE && whole / scale === value ? whole : undefined;
};

const formOf = (values: Float64Array): number => {
  for (let places = 0; places <= MAX_PLACES; places += 1) {
    if (values.every((value) => wholeOf(value, 10 ** places) !== undefined)) return places;
  }
  return values.every((value) => Math.fround(value) === value) ? FLOATS : DOUBLES;
};

/** Ascending decimals by their differences, others as floats where those hold them exactly. */
const writeValues = (writer: ByteWriter, values: Float64Array): void => {
  writer.whole(values.length);
  if (values.length === 0) return;
  const form = formOf(values);
  writer.byte(form);
  if (form > MAX_PLACES) {
    for (const value of values) (form === FLOATS ? writer.float : writer.double)(value);
    return;
  }
  let last: number | undefined;
  for (const value of values) {
    const whole = wholeOf(value, 10 ** form) ?? 0;
    if (last !== undefined) writer.whole(whole - last);
    else writer.whole(whole >= 0 ? 2 * whole : -2 * whole - 1);
    last = whole;
  }
};

/** The first has a sign, the others are differences. */
const createDecimalReader = (reader: ByteReader, scale: number): (() => number) => {
  let last: number | undefined;
  return () => {
    const whole = reader.whole();
    if (last !== undefined) last += whole;
    else last = whole % 2 === 0 ? whole / 2 : -(whole + 1) / 2;
    return last / scale;
  };
};

const valueReader = (reader: ByteReader, form: number): (() => number) => {
  if (form <= MAX_PLACES) return createDecimalReader(reader, 10 ** form);
  if (form > DOUBLES) refuse('level', `of a form up to ${DOUBLES}`, form);
  return form === FLOATS ? reader.float : reader.double;
};

const readValues = (reader: ByteReader): Float64Array => {
  const length = reader.whole();
  if (length === 0) return new Float64Array(0);
  // A value takes a byte or more: what claims more values than bytes would only reserve memory.
  if (length > reader.left()) refuse('level', `of at most ${reader.left()} values`, length);
  const next = valueReader(reader, reader.byte());
  const values = new Float64Array(length);
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < length; i += 1) {
    const value = next();
    if (!(Number.isFinite(value) && value >= last)) refuse('level', 'finite and ascending', value);
    values[i] = value;
    last = value;
  }
  return values;
};

const MAX_LEVELS = 53;

export const writeQuantiles = (writer: ByteWriter, sketch: QuantileSketch): void => {
  writer.whole(sketch.size);
  writer.whole(sketch.maxError);
  writer.double(sketch.errorSquares);
  writer.byte(sketch.levels.length);
  sketch.levels.forEach((values, level) => {
    writer.byte(sketch.owed[level] ?? 0);
    writeValues(writer, values);
  });
};

export const readQuantiles = (reader: ByteReader): QuantileSketch => {
  const size = reader.whole();
  if (size < 1 || size > MAX_SKETCH_SIZE) refuse('sketch size', `in [1, ${MAX_SKETCH_SIZE}]`, size);
  const maxError = reader.whole();
  const errorSquares = reader.double();
  const levelCount = reader.byte();
  if (levelCount > MAX_LEVELS) refuse('levels', `at most ${MAX_LEVELS}`, levelCount);
  const levels: Float64Array[] = [];
  const owed: number[] = [];
  let count = 0;
  for (let level = 0; level < levelCount; level += 1) {
    const debt = reader.byte();
    if (debt > 2) refuse('debt', 'at most 2', debt);
    owed.push(debt);
    const values = readValues(reader);
    levels.push(values);
    count += values.length * 2 ** level;
  }
  return { size, count, levels, owed, maxError, errorSquares };
};

export const writeHitters = (writer: ByteWriter, { total, maxError, entries }: HeavyHitters): void => {
  writer.whole(total);
  writer.whole(maxError);
  writer.whole(entries.length);
  for (const { value, count } of entries) {
    writer.text(value);
    writer.whole(count);
  }
};

export const readHitters = (reader: ByteReader): HeavyHitters => {
  const total = reader.whole();
  const maxError = reader.whole();
  const length = reader.whole();
  if (length > HITTERS) refuse('heavy hitters', `at most ${HITTERS}`, length);
  const entries = Array.from({ length }, () => ({ value: reader.text(), count: reader.whole() }));
  return { total, maxError, entries };
};
