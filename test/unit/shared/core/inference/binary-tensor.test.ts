import { describe, expect, it } from 'vitest';
import { readBinary, writeBinary } from '../../../../../shared/core/inference/binary-tensor.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('readBinary', () => {
  it('reads little-endian elements wherever they lie', () => {
    const body = bytes(9, 0, 0, 128, 63, 0, 0, 0, 192);

    expect(readBinary('FP32', body.subarray(1), 2, 'x')).toEqual(Float32Array.of(1, -2));
    expect(readBinary('INT64', bytes(255, 255, 255, 255, 255, 255, 255, 127), 1, 'x')).toEqual(
      BigInt64Array.of(9_223_372_036_854_775_807n),
    );
    expect(readBinary('FP16', bytes(0, 60), 1, 'x')).toEqual(Float16Array.of(1));
  });

  it('reads texts after their lengths', () => {
    const body = bytes(2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0);

    expect(readBinary('BYTES', body, 2, 'x')).toEqual(['é', '']);
    expect(writeBinary({ data: ['é', ''] })).toEqual(body);
  });

  it.each([
    ['too few bytes', 'FP32', bytes(1, 2, 3), 1, /x has 3 bytes; 1 elements of FP32 have 4/],
    ['too many bytes', 'UINT8', bytes(1, 2, 3), 2, /x has 3 bytes; 2 elements of UINT8 have 2/],
    ['a bit that is none', 'BOOL', bytes(0, 2), 2, /bytes 0 and 1 only/],
    ['fewer texts than said', 'BYTES', bytes(0, 0, 0, 0), 2, /too few for 2 texts/],
    ['a length beyond the end', 'BYTES', bytes(5, 0, 0, 0, 65), 1, /ends within element 0/],
    ['a length cut off', 'BYTES', bytes(4, 0, 0, 0, 65, 65, 65, 65), 2, /ends within element 1/],
    ['a huge length', 'BYTES', bytes(255, 255, 255, 255), 1, /ends within element 0/],
    ['more than its texts', 'BYTES', bytes(1, 0, 0, 0, 65, 66), 1, /has 1 bytes after its last element/],
    ['no UTF-8', 'BYTES', bytes(1, 0, 0, 0, 255), 1, /x, element 0, must be UTF-8 text/],
  ] as const)('refuses %s', (_name, datatype, body, count, says) => {
    expect(() => readBinary(datatype, body, count, 'x')).toThrow(says);
  });
});
