import { InvalidRequestError } from '../../../kernel/errors.ts';
import { shorten } from '../../../kernel/show-value.ts';

/**
 * Protobuf's wire format read in place (https://protobuf.dev/programming-guides/encoding/): no object and no BigInt for
 * each field. Python writes each number of a tree's attributes as a field of its own, and a cold start waits for them.
 */

const VARINT = 0;
const FIXED_64 = 1;
const DELIMITED = 2;
const FIXED_32 = 5;
const LONGEST_VARINT = 10;

export const malformed = (why: string): InvalidRequestError =>
  new InvalidRequestError(`the file is not an ONNX model: ${why}`);

/** A place in the bytes; `low` and `high` are the halves of the last varint. One object is moved along. */
export interface Wire {
  readonly bytes: Uint8Array;
  position: number;
  low: number;
  high: number;
}

export const openWire = (bytes: Uint8Array, position = 0): Wire => ({ bytes, position, low: 0, high: 0 });

export const readVarint = (wire: Wire): void => {
  const { bytes } = wire;
  const first = bytes[wire.position];
  if (first !== undefined && first < 0x80) {
    wire.position += 1;
    wire.low = first;
    wire.high = 0;
    return;
  }
  let low = 0;
  let high = 0;
  for (let index = 0; index < LONGEST_VARINT; index++) {
    const byte = bytes[wire.position + index];
    if (byte === undefined) throw malformed('it ends within a number');
    const part = byte & 0x7f;
    const shift = index * 7;
    if (shift < 32) low |= part << shift;
    if (shift === 28) high |= part >>> 4;
    else if (shift > 28) high |= part << (shift - 32);
    if (byte < 0x80) {
      wire.position += index + 1;
      wire.low = low >>> 0;
      wire.high = high >>> 0;
      return;
    }
  }
  throw malformed('a number has more than ten bytes');
};

/** The last varint as a signed integer; exact below 2^53. */
export const signedOf = ({ low, high }: Wire): number => (high | 0) * 2 ** 32 + low;

export const bigSignedOf = ({ low, high }: Wire): bigint => (BigInt(high | 0) << 32n) | BigInt(low);

/**
 * One field. The same object is shown for each: keep what it says, not the object. Who has read the fields behind it as
 * well moves `end` on.
 */
export interface Field {
  number: number;
  wireType: number;
  /** Of a varint, as a signed integer, exact below 2^53. */
  value: number;
  /** Where its tag, number and wire type, begins. */
  tagStart: number;
  /** Where the content stands: the number itself, or what a length stands before. */
  start: number;
  end: number;
  readonly bytes: Uint8Array;
}

const contentLength = (wire: Wire, field: Field): number => {
  if (field.wireType === FIXED_64) return 8;
  if (field.wireType === FIXED_32) return 4;
  if (field.wireType !== DELIMITED) throw malformed(`field ${field.number} has wire type ${field.wireType}`);
  readVarint(wire);
  return signedOf(wire);
};

/**
 * @param visit ends the reading by answering false.
 * @throws InvalidRequestError for bytes that are no message.
 */
export const eachField = (bytes: Uint8Array, visit: (field: Field) => unknown): void => {
  const wire = openWire(bytes);
  const field: Field = { number: 0, wireType: 0, value: 0, tagStart: 0, start: 0, end: 0, bytes };
  while (wire.position < bytes.length) {
    field.tagStart = wire.position;
    readVarint(wire);
    field.number = Math.floor(signedOf(wire) / 8);
    field.wireType = wire.low & 7;
    if (field.number < 1) throw malformed(`a field has the number ${field.number}`);
    if (field.wireType === VARINT) {
      field.start = wire.position;
      readVarint(wire);
      field.value = signedOf(wire);
    } else {
      const length = contentLength(wire, field);
      field.start = wire.position;
      if (length < 0 || length > bytes.length - wire.position) {
        throw malformed(`a field of ${length} bytes goes beyond its end`);
      }
      wire.position += length;
    }
    field.end = wire.position;
    if (visit(field) === false) return;
    wire.position = field.end;
  }
};

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const wrongType = ({ number, wireType }: Field): InvalidRequestError =>
  malformed(`field ${number} has wire type ${wireType}, which its type has not`);

export const contentOf = (field: Field): Uint8Array => {
  if (field.wireType !== DELIMITED) throw wrongType(field);
  return field.bytes.subarray(field.start, field.end);
};

const decodeText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new InvalidRequestError('the file is not an ONNX model: a text is not in UTF-8', { cause });
  }
};

export const textOf = (field: Field): string => decodeText(contentOf(field));

/** A word as a text of a list is compared with it: four bytes at a time, and what is left. */
interface Word {
  readonly length: number;
  readonly quads: readonly number[];
  readonly rest: readonly number[];
}

const wordOf = (text: string): Word => {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const whole = bytes.length - (bytes.length % 4);
  const quads = Array.from({ length: whole / 4 }, (_, i) => view.getUint32(4 * i));
  return { length: bytes.length, quads, rest: [...bytes.subarray(whole)] };
};

const isAt = ({ quads, rest }: Word, view: DataView, at: number): boolean => {
  for (let i = 0; i < quads.length; i++) if (view.getUint32(at + 4 * i) !== quads[i]) return false;
  const start = at + 4 * quads.length;
  for (let i = 0; i < rest.length; i++) if (view.getUint8(start + i) !== rest[i]) return false;
  return true;
};

/**
 * Adds which of some words each text of a list is, as its place among them: the modes of a tree's nodes come by the ten
 * thousand, none is decoded, and fields of one list are read in one loop.
 * @param into with room for them all.
 * @returns how many were added.
 * @throws InvalidRequestError for a text that is none of the words.
 */
export const addWords = (field: Field, words: readonly string[], into: Uint8Array): number => {
  if (field.wireType !== DELIMITED) throw wrongType(field);
  const { bytes } = field;
  const known = words.map(wordOf);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = bytes[field.tagStart] as number;
  let count = 0;
  for (;;) {
    const length = field.end - field.start;
    const place = known.findIndex((word) => word.length === length && isAt(word, view, field.start));
    if (place === -1) {
      throw new InvalidRequestError(`known words are ${words.join(', ')}, got ${shorten(textOf(field))}`);
    }
    into[count++] = place;
    const next = field.end + 2;
    const nextLength = bytes[field.end + 1] as number;
    // A short text of the same list follows; anything else is left to whoever reads the fields.
    if (tag >= 0x80 || bytes[field.end] !== tag || !(nextLength < 0x80) || next + nextLength > bytes.length)
      return count;
    field.start = next;
    field.end = next + nextLength;
  }
};

export const integerOf = (field: Field): number => {
  if (field.wireType !== VARINT) throw wrongType(field);
  return field.value;
};
