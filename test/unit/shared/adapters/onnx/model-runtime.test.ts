import { describe, expect, it } from 'vitest';
import { createModelRuntime } from '../../../../../shared/adapters/onnx/model-runtime.ts';
import type { Datatype, Tensor, TensorData } from '../../../../../shared/core/inference/index.ts';
import { createProtobufWriter as message } from '../../../../../shared/core/training/protobuf-writer.ts';

/** By datatype: ONNX's number of it, and two elements at its edges. */
const ELEMENTS: Readonly<Record<Datatype, readonly [elementType: number, data: TensorData]>> = {
  FP32: [1, Float32Array.of(Math.fround(0.1), Number.NaN)],
  UINT8: [2, Uint8Array.of(0, 255)],
  INT8: [3, Int8Array.of(-128, 127)],
  UINT16: [4, Uint16Array.of(0, 65_535)],
  INT16: [5, Int16Array.of(-32_768, 32_767)],
  INT32: [6, Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
  INT64: [7, BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  BYTES: [8, ['', 'zwölf 🛫']],
  BOOL: [9, Uint8Array.of(0, 1)],
  FP16: [10, Float16Array.of(1.5, Number.NEGATIVE_INFINITY)],
  FP64: [11, Float64Array.of(0.1, Number.MIN_VALUE)],
  UINT32: [12, Uint32Array.of(0, 2 ** 32 - 1)],
  UINT64: [13, BigUint64Array.of(0n, 2n ** 64n - 1n)],
};
const DATATYPES = Object.keys(ELEMENTS) as Datatype[];

type Dimension = number | string;

const value = (name: string, elementType: number, shape: readonly Dimension[]) => {
  const dims = message();
  for (const size of shape) {
    dims.message(1, typeof size === 'number' ? message().integer(1, size) : message().text(2, size));
  }
  return message()
    .text(1, name)
    .message(2, message().message(1, message().integer(1, elementType).message(2, dims)));
};

/** Gives each of its inputs back. */
const identities = (shape: readonly Dimension[]): Uint8Array => {
  const graph = message().text(2, 'identities');
  for (const name of DATATYPES) {
    graph.message(1, message().text(1, name).text(2, `${name}_out`).text(3, name).text(4, 'Identity'));
  }
  for (const name of DATATYPES) graph.message(11, value(name, ELEMENTS[name][0], shape));
  for (const name of DATATYPES) graph.message(12, value(`${name}_out`, ELEMENTS[name][0], shape));
  return message().integer(1, 8).message(7, graph).message(8, message().text(1, '').integer(2, 17)).bytes();
};

const inputsOf = (shape: readonly number[]): readonly Tensor[] =>
  DATATYPES.map((datatype) => ({ name: datatype, datatype, shape, data: ELEMENTS[datatype][1] }));

describe('a model of every datatype', () => {
  it('says what it takes and gives, with -1 for sizes that it leaves open', async () => {
    const model = await createModelRuntime().load(identities(['rows', 2]));

    expect(model.engine).toBe('onnxruntime');
    expect(model.inputs).toEqual(DATATYPES.map((datatype) => ({ name: datatype, datatype, shape: [-1, 2] })));
    expect(model.outputs.map(({ name }) => name)).toEqual(DATATYPES.map((datatype) => `${datatype}_out`));
    await model.release();
  });

  it('gives every element as it was', async () => {
    const model = await createModelRuntime().load(identities(['rows', 2]));

    const outputs = await model.run(inputsOf([1, 2]));

    expect(outputs).toEqual(inputsOf([1, 2]).map((input) => ({ ...input, name: `${input.name}_out` })));
    await model.release();
  });

  it('gives the outputs that are asked for, in the order of the question', async () => {
    const model = await createModelRuntime().load(identities([2]));

    const outputs = await model.run(inputsOf([2]), ['UINT64_out', 'BYTES_out']);

    expect(outputs.map(({ name, data }) => [name, data])).toEqual([
      ['UINT64_out', ELEMENTS.UINT64[1]],
      ['BYTES_out', ELEMENTS.BYTES[1]],
    ]);
    await model.release();
  });

  it('refuses another shape and another datatype in the words of the engine', async () => {
    const model = await createModelRuntime().load(identities([2]));
    const other = inputsOf([2]).map((input) => (input.name === 'INT8' ? { ...input, datatype: 'UINT8' } : input));

    await expect(model.run(inputsOf([1, 2]))).rejects.toThrow(/invalid rank/i);
    await expect(model.run(other as readonly Tensor[])).rejects.toThrow(/uint8/i);
    await model.release();
  });

  it('is refused where the bytes are none', async () => {
    await expect(createModelRuntime().load(new Uint8Array(9))).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining('the bytes are not a model that can be run'),
    });
  });
});
