import { InvalidRequestError } from '../../kernel/errors.ts';

/** A file of a header and parts of bytes: the header's length, the header as JSON with the lengths of the parts, the parts. */
export interface PackedParts<Header> {
  readonly header: Header;
  readonly parts: readonly Uint8Array[];
}

const LENGTH_BYTES = 4;
/** Parts begin at multiples of it. */
const ALIGNMENT = 8;

const aligned = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

export const packParts = <Header>({ header, parts }: PackedParts<Header>): Uint8Array => {
  const text = new TextEncoder().encode(JSON.stringify({ header, lengths: parts.map(({ length }) => length) }));
  const from = aligned(LENGTH_BYTES + text.length);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + aligned(length), from));
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, LENGTH_BYTES);
  let at = from;
  for (const part of parts) {
    bytes.set(part, at);
    at += aligned(part.length);
  }
  return bytes;
};

/** @throws InvalidRequestError for bytes that `packParts` did not make. */
export const unpackParts = <Header>(bytes: Uint8Array): PackedParts<Header> => {
  const refuse = (why: string, cause?: unknown): InvalidRequestError =>
    new InvalidRequestError(`a packed file must ${why}, got ${bytes.length} bytes`, { cause });
  if (bytes.length < LENGTH_BYTES) throw refuse('begin with the length of its header');
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  let found: { readonly header: Header; readonly lengths: readonly number[] };
  try {
    found = JSON.parse(new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length)));
  } catch (cause) {
    throw refuse('have a header of JSON', cause);
  }
  let at = aligned(LENGTH_BYTES + length);
  const parts = found.lengths.map((size) => {
    const part = bytes.subarray(at, at + size);
    if (part.length !== size) throw refuse('hold all of its parts');
    at += aligned(size);
    return part;
  });
  return { header: found.header, parts };
};

/** Bytes of numbers, little-endian as every machine that runs this is. */
export const bytesOf = (numbers: Int32Array | Float64Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The copy may lie where the part does not: at a multiple of eight. */
const copyOf = (part: Uint8Array): ArrayBuffer => {
  const copy = new ArrayBuffer(part.length);
  new Uint8Array(copy).set(part);
  return copy;
};

export const int32Of = (part: Uint8Array): Int32Array => new Int32Array(copyOf(part));
export const float64Of = (part: Uint8Array): Float64Array => new Float64Array(copyOf(part));
