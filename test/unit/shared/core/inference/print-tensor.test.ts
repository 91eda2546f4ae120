import { describe, expect, it } from 'vitest';
import type { Datatype, TensorData } from '../../../../../shared/core/inference/index.ts';
import { readElements } from '../../../../../shared/core/inference/json-elements.ts';
import { parseJson } from '../../../../../shared/core/inference/lossless-json.ts';
import { printElementList, printElements } from '../../../../../shared/core/inference/print-tensor.ts';
import { fc } from '../../../../helpers/properties.ts';

const tensors: Readonly<Record<Datatype, fc.Arbitrary<TensorData>>> = {
  BOOL: fc.array(fc.constantFrom(0, 1)).map((bits) => Uint8Array.from(bits)),
  UINT8: fc.uint8Array(),
  UINT16: fc.uint16Array(),
  UINT32: fc.uint32Array(),
  UINT64: fc.bigUint64Array(),
  INT8: fc.int8Array(),
  INT16: fc.int16Array(),
  INT32: fc.int32Array(),
  INT64: fc.bigInt64Array(),
  FP16: fc.uint16Array().map((bits) => new Float16Array(bits.slice().buffer)),
  FP32: fc.uint32Array().map((bits) => new Float32Array(bits.slice().buffer)),
  FP64: fc.float64Array(),
  BYTES: fc.array(fc.string({ unit: 'binary' })),
};

describe('printElements', () => {
  it.each(Object.entries(tensors))('of %s reads back as the same elements', (datatype, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (data) => {
        const tensor = { datatype: datatype as Datatype, data };

        const text = printElements(tensor);
        const read = readElements(
          { datatype: tensor.datatype, shape: [data.length], count: data.length },
          parseJson(text, true),
          'x',
        );

        expect([...read]).toEqual([...data]); // toEqual tells -0 from 0, and takes NaN for NaN
        expect(`[${printElementList(tensor).join(',')}]`).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['FP32', Float32Array.of(3.4028234663852886e38, -3.4028234663852886e38)],
    ['FP16', Float16Array.of(65_504, -65_504)],
  ] as const)('of the largest %s reads back too', (datatype, data) => {
    const read = JSON.parse(printElements({ datatype, data }));

    expect(readElements({ datatype, shape: [2], count: 2 }, read, 'x')).toEqual(data);
  });

  it('says what JSON has no word for', () => {
    const data = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1);

    expect(printElements({ datatype: 'FP32', data })).toBe('[null,1e999,-1e999,-0,0.1]');
  });
});
