const encoder = new TextEncoder();

/** Bytes in order, little-endian; whole numbers in sevens of bits, least significant first. */
export const createByteWriter = () => {
  let bytes = new Uint8Array(1_024);
  let view = new DataView(bytes.buffer);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= bytes.length) return;
    const grown = new Uint8Array(Math.max(length + count, 2 * bytes.length));
    grown.set(bytes);
    bytes = grown;
    view = new DataView(bytes.buffer);
  };
  const byte = (value: number): void => {
    reserve(1);
    bytes[length] = value;
    length += 1;
  };
  /** A whole number in [0, 2⁵³). */
  const whole = (value: number): void => {
    let left = value;
    for (; left >= 128; left = Math.floor(left / 128)) byte((left % 128) + 128);
    byte(left);
  };
  const double = (value: number): void => {
    reserve(8);
    view.setFloat64(length, value, true);
    length += 8;
  };
  const float = (value: number): void => {
    reserve(4);
    view.setFloat32(length, value, true);
    length += 4;
  };
  const text = (value: string): void => {
    const encoded = encoder.encode(value);
    whole(encoded.length);
    reserve(encoded.length);
    bytes.set(encoded, length);
    length += encoded.length;
  };
  return { byte, whole, double, float, text, bytes: (): Uint8Array => bytes.slice(0, length) };
};

export type ByteWriter = ReturnType<typeof createByteWriter>;
