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

/** What is no text becomes letters that no word has. */
const letters = new TextDecoder('utf-8', { ignoreBOM: true });

/** A field of a list of short texts, as letters that stand for its bytes. */
const fieldLetters = (tag: number, word: string): string => String.fromCharCode(tag, word.length) + word;

/** The places of words that stand one after another; undefined where anything else stands among them. */
const placesIn = (list: string, tokens: readonly string[]): Uint8Array | undefined => {
  let places = list;
  let count = 0;
  for (const [place, token] of tokens.entries()) {
    if (!list.includes(token)) continue;
    const before = places.length;
    // A letter is no part of a pattern's syntax when it is written by its code.
    const pattern = Array.from(token, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
    places = places.replace(new RegExp(pattern, 'g'), String.fromCharCode(place));
    count += (before - places.length) / (token.length - 1);
  }
  // All of it was words: no letter of the list itself is left.
  return count === places.length ? new TextEncoder().encode(places) : undefined;
};

/** @returns the place of a text among some words. @throws InvalidRequestError for a text that is none of them. */
export const readWord = (field: Field, words: readonly string[]): number => {
  const text = textOf(field);
  const place = words.indexOf(text);
  if (place !== -1) return place;
  throw new InvalidRequestError(`known words are ${words.join(', ')}, got ${shorten(text)}`);
};

/**
 * Which of some words each text of a list is, as `readWord` tells it: the modes of a tree's nodes come by the ten
 * thousand. The fields up to the last of the list are searched in one piece; where others stand among them, the first
 * alone is read.
 * @param words of ASCII letters, less than 128 of them.
 */
export const readWords = (field: Field, words: readonly string[]): Uint8Array => {
  const first = readWord(field, words);
  const { bytes, tagStart } = field;
  const list = letters.decode(bytes.subarray(tagStart));
  const tokens = words.map((word) => fieldLetters(bytes[tagStart] as number, word));
  const listEnd = Math.max(...tokens.map((token) => list.lastIndexOf(token) + token.length));
  const places = placesIn(list.slice(0, listEnd), tokens);
  if (places === undefined) return Uint8Array.of(first);
  field.end = tagStart + listEnd;
  return places;
};

export const integerOf = (field: Field): number => {
  if (field.wireType !== VARINT) throw wrongType(field);
  return field.value;
};
