import { InvalidRequestError } from '../../kernel/errors.ts';

/** Reads what a byte writer wrote. @throws InvalidRequestError where the bytes end early. */
export const createByteReader = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let at = 0;
  const take = (count: number): number => {
    if (at + count > bytes.length) {
      throw new InvalidRequestError(`a profile must have at least ${at + count} bytes, got ${bytes.length}`);
    }
    at += count;
    return at - count;
  };
  const byte = (): number => bytes[take(1)] as number;
  const whole = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const next = byte();
      value += (next % 128) * factor;
      if (next < 128) break;
      factor *= 128;
    }
    if (!Number.isSafeInteger(value))
      throw new InvalidRequestError(`a profile's count must be below 2^53, got ${value}`);
    return value;
  };
  const double = (): number => view.getFloat64(take(8), true);
  const float = (): number => view.getFloat32(take(4), true);
  const text = (): string => {
    const length = whole();
    const from = take(length);
    try {
      return decoder.decode(bytes.subarray(from, from + length));
    } catch (cause) {
      throw new InvalidRequestError(`a profile's text must be UTF-8, got other bytes at ${from}`, { cause });
    }
  };
  return { byte, whole, double, float, text, left: (): number => bytes.length - at };
};

export type ByteReader = ReturnType<typeof createByteReader>;
