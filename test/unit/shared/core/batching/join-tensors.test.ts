import { describe, expect, test } from 'vitest';
import {
  batchable,
  batchKey,
  joinInputs,
  rowCountOf,
  splitOutputs,
} from '../../../../../shared/core/batching/index.ts';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';

const fp32 = (shape: readonly number[], ...data: readonly number[]): Tensor => ({
  name: 'x',
  datatype: 'FP32',
  shape,
  data: Float32Array.from(data),
});
const text = (...data: readonly string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [data.length, 1], data });

describe('which requests run together', () => {
  const spec = (shape: readonly number[]) => ({ name: 'x', datatype: 'FP32', shape }) as const;

  test('a model takes batches when every input and output has rows', () => {
    expect(batchable({ inputs: [spec([-1, 4])], outputs: [spec([-1, 2])] })).toBe(true);
    expect(batchable({ inputs: [spec([-1, 4]), spec([1])], outputs: [spec([-1])] })).toBe(false);
    expect(batchable({ inputs: [spec([-1, 4])], outputs: [spec([])] })).toBe(false);
  });

  test('other dimensions than the first, and the outputs asked for, keep requests apart', () => {
    expect(batchKey([fp32([1, 2], 1, 2)])).toBe(batchKey([fp32([2, 2], 1, 2, 3, 4)]));
    expect(batchKey([fp32([1, 2], 1, 2)])).not.toBe(batchKey([fp32([1, 3], 1, 2, 3)]));
    expect(batchKey([fp32([1, 2], 1, 2)], ['a'])).not.toBe(batchKey([fp32([1, 2], 1, 2)], ['b']));
  });

  test('a request whose inputs differ in rows has no row count', () => {
    expect(rowCountOf([fp32([2, 1], 1, 2), text('a', 'b')])).toBe(2);
    expect(rowCountOf([fp32([2, 1], 1, 2), text('a')])).toBeUndefined();
    expect(rowCountOf([])).toBeUndefined();
  });
});

test('rows go in one after another and each request gets its own back', () => {
  const inputs = joinInputs([
    [fp32([1, 2], 1, 2), text('a')],
    [fp32([2, 2], 3, 4, 5, 6), text('b', 'c')],
  ]);
  expect(inputs).toEqual([fp32([3, 2], 1, 2, 3, 4, 5, 6), text('a', 'b', 'c')]);
  expect(splitOutputs(inputs, [1, 2])).toEqual([
    [fp32([1, 2], 1, 2), text('a')],
    [fp32([2, 2], 3, 4, 5, 6), text('b', 'c')],
  ]);
});

test('a request alone is not copied', () => {
  const inputs = [fp32([1, 2], 1, 2)];
  expect(joinInputs([inputs])).toBe(inputs);
});

test('outputs that have not the rows that went in are not shared out', () => {
  expect(splitOutputs([fp32([1], 1)], [1, 1])).toBeUndefined();
});
