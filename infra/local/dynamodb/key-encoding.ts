import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { AttributeValue } from './attribute-value.ts';
import { parseDecimal } from './decimal.ts';

/**
 * Keys as bytes whose order under memcmp is DynamoDB's: strings and binaries by their bytes, numbers by value. A partition
 * key is led by 4 bytes of a hash, so that a scan meets partitions in an order nobody can rely on, as on AWS, and a
 * parallel scan's segments are ranges.
 */
const NEGATIVE = 0x00;
const ZERO = 0x01;
const POSITIVE = 0x02;
/** Makes the exponent positive: it lies in [-129, 126]. */
const EXPONENT_BIAS = 130;

const encodeNumber = (text: string): Buffer => {
  const { negative, digits, exponent } = parseDecimal(text);
  if (digits === '') return Buffer.from([ZERO]);
  const biased = exponent + EXPONENT_BIAS;
  const bytes = [biased >> 8, biased & 0xff];
  for (let index = 0; index < digits.length; index += 2) {
    bytes.push(Number(digits.slice(index, index + 2).padEnd(2, '0')) + 1);
  }
  if (!negative) return Buffer.from([POSITIVE, ...bytes]);
  // Complemented, so that larger magnitudes sort first; the end mark makes the longer of two prefixes the smaller.
  return Buffer.from([NEGATIVE, ...bytes.map((byte) => 0xff - byte), 0xff]);
};

/** A scalar key value as order-preserving bytes. */
export const encodeScalar = (value: AttributeValue): Buffer => {
  if ('S' in value) return Buffer.from(value.S);
  if ('N' in value) return encodeNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64');
  throw new TypeError(`a key must be S, N or B, got ${Object.keys(value).join()}`);
};

const PARTITION_HASH_BYTES = 4;

export const encodePartition = (value: AttributeValue): Buffer => {
  const bytes = encodeScalar(value);
  const encoded = Buffer.allocUnsafe(PARTITION_HASH_BYTES + bytes.length);
  encoded.writeUInt32BE(crc32(bytes), 0);
  bytes.copy(encoded, PARTITION_HASH_BYTES);
  return encoded;
};

/** The smallest bytes greater than everything that begins with `prefix`; undefined when there is no such bound. */
export const prefixEnd = (prefix: Buffer): Buffer | undefined => {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index -= 1) {
    const byte = end[index] ?? 0;
    if (byte < 0xff) {
      end[index] = byte + 1;
      return end.subarray(0, index + 1);
    }
  }
  return undefined;
};

/** The first hash of segment `segment` of `totalSegments`, as the 4 bytes that lead its partition keys. */
export const segmentStart = ({ segment, totalSegments }: { segment: number; totalSegments: number }): Buffer => {
  const start = Buffer.alloc(PARTITION_HASH_BYTES);
  start.writeUInt32BE(Math.floor((segment * 2 ** 32) / totalSegments), 0);
  return start;
};
