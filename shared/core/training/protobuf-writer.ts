/** Builds one protobuf message, field by field, in the order of the calls: the same calls give the same bytes. */
export interface ProtobufWriter {
  readonly integer: (field: number, value: number) => ProtobufWriter;
  readonly float: (field: number, value: number) => ProtobufWriter;
  readonly text: (field: number, value: string) => ProtobufWriter;
  readonly message: (field: number, value: ProtobufWriter) => ProtobufWriter;
  /** Repeated numbers, packed. */
  readonly integers: (field: number, values: Iterable<number>) => ProtobufWriter;
  readonly floats: (field: number, values: ArrayLike<number>) => ProtobufWriter;
  readonly texts: (field: number, values: Iterable<string>) => ProtobufWriter;
  readonly bytes: () => Uint8Array;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
const FIRST_CAPACITY = 256;

/** A byte buffer that doubles when full. */
const createBuffer = () => {
  let bytes = new Uint8Array(FIRST_CAPACITY);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const larger = new Uint8Array(Math.max(length + count, bytes.length * 2));
    larger.set(bytes);
    bytes = larger;
  };
  return {
    varint: (value: number): void => {
      reserve(10);
      let rest = value;
      // Division, not shifting: a shift would cut the value to 32 bits.
      for (; rest > 127; rest = Math.floor(rest / 128)) bytes[length++] = (rest % 128) | 128;
      bytes[length++] = rest;
    },
    append: (added: Uint8Array): void => {
      reserve(added.length);
      bytes.set(added, length);
      length += added.length;
    },
    written: (): Uint8Array => bytes.slice(0, length),
  };
};

/** Protobuf fixes little-endian order, whatever the machine's. */
const littleEndianFloats = (values: ArrayLike<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i] as number, true);
  return new Uint8Array(view.buffer);
};

/**
 * Starts a message (https://protobuf.dev/programming-guides/encoding/). Integers must be whole, ≥ 0 and below 2^53:
 * what ONNX graphs of ours hold.
 */
export const createProtobufWriter = (): ProtobufWriter => {
  const buffer = createBuffer();
  const encoder = new TextEncoder();
  const tag = (field: number, wireType: number): void => buffer.varint(field * 8 + wireType);
  const delimited = (field: number, content: Uint8Array): ProtobufWriter => {
    tag(field, LENGTH_DELIMITED);
    buffer.varint(content.length);
    buffer.append(content);
    return writer;
  };
  const writer: ProtobufWriter = {
    integer: (field, value) => {
      tag(field, VARINT);
      buffer.varint(value);
      return writer;
    },
    float: (field, value) => {
      tag(field, FIXED_32);
      buffer.append(littleEndianFloats([value]));
      return writer;
    },
    text: (field, value) => delimited(field, encoder.encode(value)),
    message: (field, value) => delimited(field, value.bytes()),
    integers: (field, values) => {
      const packed = createBuffer();
      for (const value of values) packed.varint(value);
      return delimited(field, packed.written());
    },
    floats: (field, values) => delimited(field, littleEndianFloats(values)),
    texts: (field, values) => {
      for (const value of values) delimited(field, encoder.encode(value));
      return writer;
    },
    bytes: buffer.written,
  };
  return writer;
};
