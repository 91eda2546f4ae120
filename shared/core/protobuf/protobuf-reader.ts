import { InvalidRequestError } from '../../kernel/errors.ts';

/** Reads protobuf's wire format, field by field (https://protobuf.dev/programming-guides/encoding/). */

export type WireField =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint }
  /** Eight or four bytes in little-endian order: `fixed64`, `double`, `fixed32`. */
  | { readonly number: number; readonly kind: 'fixed'; readonly bytes: Uint8Array }
  /** Text, bytes or a message. */
  | { readonly number: number; readonly kind: 'delimited'; readonly bytes: Uint8Array };

const MALFORMED = 'the body is not a protobuf message';
const LONGEST_VARINT = 10;

const malformed = (why: string): InvalidRequestError => new InvalidRequestError(`${MALFORMED}: ${why}`);

const readVarint = (bytes: Uint8Array, start: number): { readonly value: bigint; readonly next: number } => {
  const first = bytes[start];
  // Most numbers are small: a large message is read several times as fast.
  if (first !== undefined && first < 0x80) return { value: BigInt(first), next: start + 1 };
  let value = 0n;
  for (let index = 0; index < LONGEST_VARINT; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw malformed('it ends within a number');
    value |= BigInt(byte & 0x7f) << BigInt(index * 7);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: start + index + 1 };
  }
  throw malformed('a number has more than ten bytes');
};

const slice = (bytes: Uint8Array, start: number, length: number): Uint8Array => {
  if (length > bytes.length - start) throw malformed(`a field of ${length} bytes goes beyond its end`);
  return bytes.subarray(start, start + length);
};

/**
 * The fields of one message, in the order they stand.
 * @throws InvalidRequestError for bytes that are no message; groups, which protobuf has given up, count as that.
 */
export function* readFields(bytes: Uint8Array): Generator<WireField, void, undefined> {
  let position = 0;
  while (position < bytes.length) {
    const tag = readVarint(bytes, position);
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    if (number === 0) throw malformed('a field has the number 0');
    position = tag.next;
    if (wireType === 0) {
      const { value, next } = readVarint(bytes, position);
      position = next;
      yield { number, kind: 'varint', value };
    } else if (wireType === 2) {
      const { value: length, next } = readVarint(bytes, position);
      const content = slice(bytes, next, Number(length));
      position = next + content.length;
      yield { number, kind: 'delimited', bytes: content };
    } else if (wireType === 1 || wireType === 5) {
      const content = slice(bytes, position, wireType === 1 ? 8 : 4);
      position += content.length;
      yield { number, kind: 'fixed', bytes: content };
    } else {
      throw malformed(`field ${number} has wire type ${wireType}`);
    }
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const wrongType = (field: WireField): InvalidRequestError =>
  malformed(`field ${field.number} is ${field.kind}, which its type is not`);

export const contentOf = (field: WireField): Uint8Array => {
  if (field.kind !== 'delimited') throw wrongType(field);
  return field.bytes;
};

export const textOf = (field: WireField): string => {
  const content = contentOf(field);
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new InvalidRequestError(`${MALFORMED}: field ${field.number} is not text in UTF-8`, { cause });
  }
};

const viewOf = (field: WireField): DataView => {
  if (field.kind !== 'fixed' || field.bytes.length !== 8) throw wrongType(field);
  return new DataView(field.bytes.buffer, field.bytes.byteOffset, 8);
};

/** A `fixed64` as decimal digits. */
export const unsignedOf = (field: WireField): string => viewOf(field).getBigUint64(0, true).toString();

export const doubleOfField = (field: WireField): number => viewOf(field).getFloat64(0, true);

/** A varint: `int64`, `int32`, `bool` or an enum. */
export const signedOf = (field: WireField): bigint => {
  if (field.kind !== 'varint') throw wrongType(field);
  return BigInt.asIntN(64, field.value);
};

export const hexOf = (field: WireField): string =>
  Array.from(contentOf(field), (byte) => byte.toString(16).padStart(2, '0')).join('');

export const base64Of = (field: WireField): string =>
  btoa(Array.from(contentOf(field), (byte) => String.fromCharCode(byte)).join(''));
