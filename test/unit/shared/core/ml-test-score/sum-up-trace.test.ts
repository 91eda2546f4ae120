import { expect, it } from 'vitest';
import type { ModelTrace } from '../../../../../shared/core/interpreter/index.ts';
import { sumUpTrace } from '../../../../../shared/core/ml-test-score/index.ts';

const value = (name: string, ...values: number[]) => ({ name, datatype: 'FP32', shape: [1, values.length], values });
const traceOf = (output: number, nodes: ModelTrace['nodes']): ModelTrace => ({
  nodes,
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(output) }],
});
const about = { predictionId: 'p-1', version: 3, answered: 0.3 };
const node = (inputs: readonly number[], outputs: readonly number[]) => ({
  name: 'n',
  operator: 'Any',
  inputs: [value('in', ...inputs)],
  outputs: [value('out', ...outputs)],
});

it('tells how much was computed and how far it is from the answer, and no value', () => {
  const trees = [{ row: 0, trees: [{ tree: 0 }, { tree: 1 }] as never }];

  const told = sumUpTrace(traceOf(0.3, [{ ...node([1], [2]), trees }, node([2], [0.3])]), about);

  expect(told).toEqual({
    predictionId: 'p-1',
    version: 3,
    operatorCount: 2,
    treeCount: 2,
    difference: 0,
    notFiniteCount: 0,
  });
});

it('counts an operator that makes infinity of finite values, and none that passes a missing one through', () => {
  const missing = node([Number.NaN, 1], [Number.NaN, 1]);
  const overflows = node([1e38, 1], [Number.POSITIVE_INFINITY, 1]);

  expect(sumUpTrace(traceOf(0.3, [missing, overflows]), about).notFiniteCount).toBe(1);
});

it('is far off where the model gives no number', () => {
  const { difference } = sumUpTrace(traceOf(Number.NaN, []), about);

  expect(difference).toBeGreaterThan(1);
  expect(Number.isFinite(difference)).toBe(true);
});
