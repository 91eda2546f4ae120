import { describe, expect, it } from 'vitest';
import { createAttributes } from '../../../../../../shared/core/interpreter/graph/attributes.ts';
import { readGraph } from '../../../../../../shared/core/interpreter/graph/read-graph.ts';
import { readTensor } from '../../../../../../shared/core/interpreter/graph/read-tensor.ts';
import { InvalidRequestError } from '../../../../../../shared/kernel/errors.ts';
import { onnxBytes } from '../../../../../helpers/drawn-models/onnx-bytes.ts';
import { fc } from '../../../../../helpers/properties.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const float = fc.float();

const attributesOf = (ints: readonly bigint[], floats: readonly number[], packed: boolean) => {
  const bytes = onnxBytes(
    {
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'], attributes: { ints: { ints }, floats: { floats } } }],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
    },
    { packed },
  );
  return readGraph(bytes).nodes[0]!.attributes;
};

describe('repeated numbers', () => {
  it('are read whether they stand packed or one by one', () => {
    fc.assert(
      fc.property(fc.array(int64), fc.array(float), fc.boolean(), (ints, floats, packed) => {
        const attributes = attributesOf(ints, floats, packed);

        expect([...attributes.bigIntegers('ints')]).toEqual(ints);
        expect([...attributes.integers('ints')]).toEqual(ints.map(Number));
        expect([...attributes.compactIntegers('ints')]).toEqual(ints.map(Number));
        expect(attributes.floats('floats')).toEqual(Float32Array.from(floats));
      }),
      { numRuns: 60 },
    );
  });

  it('go on where other fields stand between them', () => {
    // ints 1 and 2, the type, int 3, floats packed, int 4.
    const bytes = [0x40, 1, 0x40, 2, 0xa0, 1, 7, 0x40, 3, 0x3a, 4, 0, 0, 128, 63, 0x40, 4];
    const attributes = createAttributes(new Map([['mixed', Uint8Array.from(bytes)]]));

    expect([...attributes.integers('mixed')]).toEqual([1, 2, 3, 4]);
    expect([...attributes.compactIntegers('mixed')]).toEqual([1, 2, 3, 4]);
    expect([...attributes.floats('mixed')]).toEqual([1]);
  });
});

describe('integers in the smallest array that holds them', () => {
  it.each([
    ['bytes', [0x42, 3, 0, 5, 127], Uint8Array.of(0, 5, 127)],
    ['32 bits', [0x42, 3, 5, 0xc8, 1], Int32Array.of(5, 200)],
    ['bytes, then more of them', [0x42, 2, 5, 6, 0x42, 1, 7], Int32Array.of(5, 6, 7)],
    ['doubles', [0x42, 7, 5, 0x80, 0x80, 0x80, 0x80, 0x80, 1], Float64Array.of(5, 2 ** 35)],
  ])('are %s', (_, bytes, expected) => {
    const attributes = createAttributes(new Map([['list', Uint8Array.from(bytes)]]));

    expect(attributes.compactIntegers('list')).toEqual(expected);
  });

  it('are refused where a number goes beyond their list', () => {
    const attributes = createAttributes(new Map([['list', Uint8Array.of(0x42, 2, 5, 0x80, 0x42, 0)]]));

    expect(() => attributes.compactIntegers('list')).toThrow(InvalidRequestError);
  });
});

describe('texts that are some words each', () => {
  const wordsIn = (...bytes: readonly (number | string)[]) =>
    createAttributes(
      new Map([
        [
          'modes',
          Uint8Array.from(bytes.flatMap((b) => (typeof b === 'string' ? [...new TextEncoder().encode(b)] : [b]))),
        ],
      ]),
    ).words('modes', ['up', 'down']);

  it.each([
    ['one after another', [0x4a, 2, 'up', 0x4a, 4, 'down', 0x4a, 2, 'up', 0xa0, 1, 8], [0, 1, 0]],
    ['with another field between them', [0x4a, 2, 'up', 0xa0, 1, 8, 0x4a, 4, 'down', 0x4a, 2, 'up'], [0, 1, 0]],
    ['before a text of another field that looks like one', [0x4a, 4, 'down', 0x6a, 4, 0x4a, 2, 'up'], [1]],
  ])('are read %s', (_, bytes, expected) => {
    expect([...wordsIn(...bytes)]).toEqual(expected);
  });

  it('are refused where one is no such word', () => {
    expect(() => wordsIn(0x4a, 2, 'up', 0x4a, 2, 'no')).toThrow('known words are up, down, got no');
  });
});

describe('a tensor', () => {
  it.each([
    ['raw data', [8, 2, 16, 1, 74, 8, 0, 0, 128, 63, 0, 0, 0, 64], [1, 2]],
    ['float_data packed', [8, 2, 16, 1, 34, 8, 0, 0, 128, 63, 0, 0, 0, 64], [1, 2]],
    ['float_data one by one, before its type', [8, 2, 37, 0, 0, 128, 63, 37, 0, 0, 0, 64, 16, 1], [1, 2]],
    ['int32_data of int8', [8, 2, 16, 3, 42, 11, 1, 254, 255, 255, 255, 255, 255, 255, 255, 255, 1], [1, -2]],
    ['uint64_data of uint32', [8, 1, 16, 12, 88, 255, 255, 255, 255, 15], [2 ** 32 - 1]],
  ])('is read from %s', (_, bytes, expected) => {
    const { value } = readTensor(Uint8Array.from(bytes));

    expect(Array.from(value.data as Float32Array)).toEqual(expected);
  });

  it.each([
    ['in another file', [8, 1, 16, 1, 112, 1], 'a tensor has its data in another file'],
    ['with less data than its shape', [8, 3, 16, 1, 74, 4, 0, 0, 0, 0], 'a tensor of 12 bytes has 4 bytes of data'],
    [
      'with a shape beyond all bounds',
      [8, 255, 255, 255, 255, 15, 16, 1, 74, 0],
      'a tensor may have 16777216 elements',
    ],
    ['of a negative size', [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 16, 1], 'a tensor has the shape [-1]'],
    ['of a type that is not interpreted', [16, 16], 'element type 16 is not interpreted'],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readTensor(Uint8Array.from(bytes))).toThrow(InvalidRequestError);
    expect(() => readTensor(Uint8Array.from(bytes))).toThrow(message);
  });
});
