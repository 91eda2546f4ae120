import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Datatype, Tensor, TensorData } from './tensor.ts';

/**
 * The binary tensor extension: a tensor's elements as little-endian bytes, row-major; texts each after their length in
 * four bytes. https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */

interface Layout {
  readonly width: number;
  readonly view: new (buffer: ArrayBuffer, offset: number, length: number) => Exclude<TensorData, readonly string[]>;
}

/** Typed arrays have the machine's order of bytes, which is little-endian wherever Lambda and Fargate run. */
const LAYOUTS: Readonly<Record<Exclude<Datatype, 'BYTES'>, Layout>> = {
  BOOL: { width: 1, view: Uint8Array },
  UINT8: { width: 1, view: Uint8Array },
  INT8: { width: 1, view: Int8Array },
  UINT16: { width: 2, view: Uint16Array },
  INT16: { width: 2, view: Int16Array },
  FP16: { width: 2, view: Float16Array },
  UINT32: { width: 4, view: Uint32Array },
  INT32: { width: 4, view: Int32Array },
  FP32: { width: 4, view: Float32Array },
  UINT64: { width: 8, view: BigUint64Array },
  INT64: { width: 8, view: BigInt64Array },
  FP64: { width: 8, view: Float64Array },
};

const LENGTH_BYTES = 4;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

const textOf = (bytes: Uint8Array, where: string): string => {
  try {
    return strictUtf8.decode(bytes);
  } catch (cause) {
    throw new InvalidRequestError(`${where} must be UTF-8 text`, { cause });
  }
};

const readTexts = (bytes: Uint8Array, count: number, where: string): readonly string[] => {
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (count * LENGTH_BYTES > bytes.length) {
    throw new InvalidRequestError(`${where} has ${bytes.length} bytes, too few for ${count} texts`);
  }
  const texts: string[] = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + lengths.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (end > bytes.length) {
      throw new InvalidRequestError(`${where} ends within element ${i}: it has ${bytes.length} bytes`);
    }
    texts.push(textOf(bytes.subarray(start, end), `${where}, element ${i},`));
    at = end;
  }
  if (at === bytes.length) return texts;
  throw new InvalidRequestError(`${where} has ${bytes.length - at} bytes after its last element`);
};

/** Whether each byte is 0 or 1. */
const areBits = (bytes: Uint8Array): boolean => bytes.every((byte) => byte <= 1);

/**
 * @param bytes exactly the tensor's; they are copied, since they may lie unaligned.
 * @param count of elements, as the shape says.
 * @param where how a message names the tensor.
 * @throws InvalidRequestError
 */
export const readBinary = (datatype: Datatype, bytes: Uint8Array, count: number, where: string): TensorData => {
  if (datatype === 'BYTES') return readTexts(bytes, count, where);
  const { width, view: View } = LAYOUTS[datatype];
  if (bytes.length !== count * width) {
    throw new InvalidRequestError(
      `${where} has ${bytes.length} bytes; ${count} elements of ${datatype} have ${count * width}`,
    );
  }
  if (datatype === 'BOOL' && !areBits(bytes)) {
    throw new InvalidRequestError(`${where} must have bytes 0 and 1 only, as BOOL is`);
  }
  // Not `slice`, which for a Buffer copies nothing.
  return new View(new Uint8Array(bytes).buffer, 0, count);
};

const writeTexts = (texts: readonly string[]): Uint8Array => {
  const encoded = texts.map((text) => utf8.encode(text));
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const lengths = new DataView(bytes.buffer);
  let at = 0;
  for (const text of encoded) {
    lengths.setUint32(at, text.length, true);
    bytes.set(text, at + LENGTH_BYTES);
    at += LENGTH_BYTES + text.length;
  }
  return bytes;
};

/** A tensor's elements as its bytes on the wire; numbers are not copied. */
export const writeBinary = ({ data }: Pick<Tensor, 'data'>): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : writeTexts(data as readonly string[]);
