import { bigSignedOf, type Field, malformed, openWire, readVarint, signedOf } from './wire-fields.ts';

/**
 * Repeated numbers, packed into one field or one by one. A tree's attributes are lists of ten thousand, and a cold start
 * reads them with code that is not compiled yet: fields of one list are read in one loop.
 */

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;

type NumberArray = Int32Array | Float32Array | Float64Array | BigInt64Array;

/** A list that grows. */
export interface NumberList<A extends NumberArray> {
  data: A;
  count: number;
}

/** Room for as many more numbers as bytes are left: none takes less than one. */
const reserve = <A extends NumberArray>(list: NumberList<A>, { bytes, start, end, wireType }: Field): void => {
  const more = wireType === DELIMITED ? end - start : bytes.length - start;
  if (list.count + more <= list.data.length) return;
  const larger = new (list.data.constructor as new (length: number) => A)(list.count + more);
  larger.set(list.data as never);
  list.data = larger;
};

export const emptyList = <A extends NumberArray>(Type: new (length: number) => A): NumberList<A> => ({
  data: new Type(0),
  count: 0,
});

/** The numbers added so far. */
export const numbersIn = <A extends NumberArray>({ data, count }: NumberList<A>): A => data.slice(0, count) as A;

/** Where the next field of the same list has its content; -1 where another follows. */
const nextStart = ({ bytes, tagStart, start }: Field, tagLength: number, at: number): number => {
  for (let i = 0; i < tagLength; i++) if (bytes[at + i] !== bytes[tagStart + i]) return -1;
  return start - tagStart === tagLength ? at + tagLength : -1;
};

const readFixed = (field: Field, width: 4 | 8, into: NumberList<Float32Array | Float64Array>): void => {
  const wireType = width === 4 ? FIXED_32 : FIXED_64;
  const { bytes } = field;
  reserve(into, field);
  if (field.wireType === DELIMITED) {
    const length = field.end - field.start;
    if (length % width !== 0) throw malformed(`field ${field.number} ends within a number`);
    // In one piece: little-endian is the order of every machine that Node runs on for us.
    new Uint8Array(into.data.buffer).set(bytes.subarray(field.start, field.end), into.count * width);
    into.count += length / width;
    return;
  }
  if (field.wireType !== wireType) throw malformed(`field ${field.number} has wire type ${field.wireType}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tagLength = field.start - field.tagStart;
  for (let at = field.start; at !== -1 && at + width <= bytes.length; at = nextStart(field, tagLength, at + width)) {
    into.data[into.count++] = width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    field.end = at + width;
  }
};

/** Adds a repeated `float`. */
export const addFloats = (field: Field, into: NumberList<Float32Array>): void => readFixed(field, 4, into);

/** Adds a repeated `double`. */
export const addDoubles = (field: Field, into: NumberList<Float64Array>): void => readFixed(field, 8, into);

const checkVarints = (field: Field): boolean => {
  if (field.wireType === DELIMITED) return true;
  if (field.wireType !== VARINT) throw malformed(`field ${field.number} has wire type ${field.wireType}`);
  return false;
};

const checkEnd = (field: Field, at: number): void => {
  if (at !== field.end) throw malformed(`field ${field.number} ends within a number`);
};

/** Adds a number; one that 32 bits do not hold widens a list of such. */
const addInteger = (into: NumberList<Int32Array | Float64Array>, value: number): void => {
  if (into.data instanceof Int32Array && value !== (value | 0)) into.data = new Float64Array(into.data);
  into.data[into.count++] = value;
};

/** Adds a repeated `int64`, `int32` or `bool`; exact below 2^53. */
export const addIntegers = <A extends Int32Array | Float64Array>(field: Field, into: NumberList<A>): void => {
  const packed = checkVarints(field);
  reserve(into, field);
  const { bytes } = field;
  let { data } = into as NumberList<Int32Array | Float64Array>;
  const wire = openWire(bytes);
  const tagLength = field.start - field.tagStart;
  const end = packed ? field.end : bytes.length;
  let at = field.start;
  while (at !== -1 && at < end) {
    const byte = bytes[at] as number;
    const second = bytes[at + 1] as number;
    // Most numbers are small, and this loop runs before anything is compiled.
    if (byte < 0x80) {
      data[into.count++] = byte;
      at += 1;
    } else if (second < 0x80) {
      data[into.count++] = (byte & 0x7f) | (second << 7);
      at += 2;
    } else {
      wire.position = at;
      readVarint(wire);
      addInteger(into as NumberList<Int32Array | Float64Array>, signedOf(wire));
      data = into.data;
      at = wire.position;
    }
    if (packed) continue;
    field.end = at;
    at = nextStart(field, tagLength, at);
  }
  if (packed) checkEnd(field, at);
};

const ascii = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decoding tells it in one piece: bytes above 0x7f are malformed, or fewer letters than bytes. */
const allBelow128 = (bytes: Uint8Array): boolean => {
  try {
    return ascii.decode(bytes).length === bytes.length;
  } catch {
    return false;
  }
};

/** The numbers of a packed list that are one byte each: the bytes themselves. Undefined for other lists. */
export const bytesAsIntegers = ({ wireType, bytes, start, end }: Field): Uint8Array | undefined => {
  if (wireType !== DELIMITED) return undefined;
  const content = bytes.subarray(start, end);
  return allBelow128(content) ? content : undefined;
};

/** Adds a repeated `int64` exactly; a `uint64` by the bits it shares with one. */
export const addBigIntegers = (field: Field, into: NumberList<BigInt64Array>): void => {
  const packed = checkVarints(field);
  reserve(into, field);
  const wire = openWire(field.bytes, field.start);
  const tagLength = field.start - field.tagStart;
  const end = packed ? field.end : field.bytes.length;
  for (
    let at = field.start;
    at !== -1 && at < end;
    at = packed ? wire.position : nextStart(field, tagLength, field.end)
  ) {
    wire.position = at;
    readVarint(wire);
    into.data[into.count++] = bigSignedOf(wire);
    if (!packed) field.end = wire.position;
  }
  if (packed) checkEnd(field, wire.position);
};
