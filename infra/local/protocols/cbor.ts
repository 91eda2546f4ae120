import { AwsError, type WireRequest, type WireResponse } from '../contracts.ts';
import type { JsonOperation } from './json.ts';

/** CBOR (RFC 8949) as Smithy's RPC v2 uses it: maps with text keys, tag 1 for timestamps, indefinite lengths. */

const UTF8 = { encoder: new TextEncoder(), decoder: new TextDecoder('utf-8', { fatal: true }) };
const MAX_DEPTH = 64;
const BREAK = Symbol('break');

const invalid = (why: string): AwsError => new AwsError('SerializationException', `the body is not valid CBOR: ${why}`);

const head = (major: number, length: number): number[] => {
  const type = major << 5;
  if (length < 24) return [type | length];
  if (length < 0x100) return [type | 24, length];
  if (length < 0x10000) return [type | 25, length >> 8, length & 0xff];
  if (length < 0x100000000)
    return [type | 26, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff];
  return [type | 27, ...head64(BigInt(length))];
};

const head64 = (value: bigint): number[] =>
  Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(56 - 8 * index)) & 0xffn));

const float64 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
};

const encodeNumber = (value: number): Uint8Array | number[] => {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return float64(value);
  return value >= 0 ? head(0, value) : head(1, -1 - value);
};

const encodeInto = (value: unknown, parts: (Uint8Array | number[])[]): void => {
  if (value === null || value === undefined) parts.push([0xf6]);
  else if (typeof value === 'boolean') parts.push([value ? 0xf5 : 0xf4]);
  else if (typeof value === 'number') parts.push(encodeNumber(value));
  else if (typeof value === 'string') {
    const bytes = UTF8.encoder.encode(value);
    parts.push(head(3, bytes.length), bytes);
  } else if (value instanceof Date) parts.push([0xc1], float64(value.getTime() / 1000));
  else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const item of value) encodeInto(item, parts);
  } else encodeMap(value instanceof Map ? [...value] : Object.entries(value as object), parts);
};

const encodeMap = (entries: readonly (readonly [string, unknown])[], parts: (Uint8Array | number[])[]): void => {
  const present = entries.filter(([, item]) => item !== undefined);
  parts.push(head(5, present.length));
  for (const [key, item] of present) {
    encodeInto(key, parts);
    encodeInto(item, parts);
  }
};

export const encodeCbor = (value: unknown): Uint8Array => {
  const parts: (Uint8Array | number[])[] = [];
  encodeInto(value, parts);
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
};

interface Cursor {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  position: number;
}

const take = (cursor: Cursor, length: number): number => {
  const start = cursor.position;
  if (start + length > cursor.bytes.length) throw invalid('it ends early');
  cursor.position += length;
  return start;
};

/** The argument of an initial byte; undefined for an indefinite length. */
const argument = (cursor: Cursor, info: number): number | undefined => {
  if (info < 24) return info;
  if (info === 24) return cursor.view.getUint8(take(cursor, 1));
  if (info === 25) return cursor.view.getUint16(take(cursor, 2));
  if (info === 26) return cursor.view.getUint32(take(cursor, 4));
  if (info === 27) return Number(cursor.view.getBigUint64(take(cursor, 8)));
  if (info === 31) return undefined;
  throw invalid(`length code ${info}`);
};

const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

const decodeSimple = (cursor: Cursor, info: number): unknown => {
  if (info === 20 || info === 21) return info === 21;
  if (info === 22 || info === 23) return null;
  if (info === 25) return half(cursor.view.getUint16(take(cursor, 2)));
  if (info === 26) return cursor.view.getFloat32(take(cursor, 4));
  if (info === 27) return cursor.view.getFloat64(take(cursor, 8));
  if (info === 31) return BREAK;
  throw invalid(`simple value ${info}`);
};

const decodeItems = (cursor: Cursor, count: number | undefined, depth: number): unknown[] => {
  const items: unknown[] = [];
  for (;;) {
    if (items.length === count) return items;
    const item = decodeItem(cursor, depth + 1);
    if (item === BREAK) {
      if (count === undefined) return items;
      throw invalid('a break in a definite length');
    }
    items.push(item);
  }
};

const decodeString = (cursor: Cursor, length: number | undefined, depth: number): Uint8Array => {
  if (length === undefined) {
    const chunks = decodeItems(cursor, undefined, depth).map((chunk) =>
      typeof chunk === 'string' ? UTF8.encoder.encode(chunk) : (chunk as Uint8Array),
    );
    return Buffer.concat(chunks);
  }
  const start = take(cursor, length);
  return cursor.bytes.subarray(start, start + length);
};

const decodeMap = (cursor: Cursor, pairs: number | undefined, depth: number): unknown => {
  const items = decodeItems(cursor, pairs === undefined ? undefined : pairs * 2, depth);
  if (items.length % 2 !== 0) throw invalid('a map key without a value');
  const map: Record<string, unknown> = Object.create(null);
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== 'string') throw invalid('a map key that is not text');
    map[key] = items[index + 1];
  }
  return { ...map };
};

const decodeItem = (cursor: Cursor, depth: number): unknown => {
  if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH}`);
  const initial = cursor.view.getUint8(take(cursor, 1));
  const major = initial >> 5;
  const info = initial & 0x1f;
  if (major === 7) return decodeSimple(cursor, info);
  const length = argument(cursor, info);
  if (major === 2) return decodeString(cursor, length, depth);
  if (major === 3) return UTF8.decoder.decode(decodeString(cursor, length, depth));
  if (major === 4) return decodeItems(cursor, length, depth);
  if (major === 5) return decodeMap(cursor, length, depth);
  if (length === undefined) throw invalid('an integer without a value');
  if (major === 0) return length;
  if (major === 1) return -1 - length;
  // Tag 1 is epoch seconds, which is what the readers of timestamps take; other tags are transparent.
  return decodeItem(cursor, depth + 1);
};

/** @throws AwsError SerializationException */
export const decodeCbor = (bytes: Uint8Array): unknown => {
  const cursor: Cursor = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), position: 0 };
  try {
    const value = decodeItem(cursor, 0);
    if (value === BREAK) throw invalid('a break outside a list');
    if (cursor.position !== bytes.length) throw invalid('bytes follow the value');
    return value;
  } catch (error) {
    throw error instanceof AwsError ? error : invalid(String(error));
  }
};

const HEADERS = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };

const findOperation = (operations: Readonly<Record<string, JsonOperation>>, path: string): JsonOperation => {
  const name = /\/service\/[^/]+\/operation\/([^/]+)$/.exec(path)?.[1] ?? '';
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) throw new AwsError('UnknownOperationException', `operation ${name} is not supported`);
  return operation;
};

const decodeInput = (body: Uint8Array): Readonly<Record<string, unknown>> => {
  const input = body.length === 0 ? {} : decodeCbor(body);
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw invalid('it is not a map');
  return input as Readonly<Record<string, unknown>>;
};

const errorResponse = (error: AwsError): WireResponse => ({
  status: error.status,
  headers: { ...HEADERS, 'x-amzn-query-error': `${error.code};${error.status >= 500 ? 'Receiver' : 'Sender'}` },
  body: encodeCbor({ __type: error.code, message: error.message, ...error.extra }),
});

/** Serves `POST /service/<service>/operation/<operation>`. */
export const createCborHandler =
  (operations: Readonly<Record<string, JsonOperation>>) =>
  async (request: WireRequest): Promise<WireResponse> => {
    try {
      const operation = findOperation(operations, request.url.pathname);
      const output = await operation(decodeInput(await request.readBody()), request);
      return { status: 200, headers: HEADERS, body: encodeCbor(output ?? {}) };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return errorResponse(error);
    }
  };
