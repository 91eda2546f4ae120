import { describe, expect, it } from 'vitest';
import { toBatch } from '../../../../../shared/core/inference/index.ts';

const signature = {
  task: 'binary-classification',
  inputs: [
    { name: 'distance', datatype: 'FP32', shape: [-1, 1], nullable: false },
    { name: 'share', datatype: 'FP32', shape: [-1, 1], nullable: true },
    { name: 'origin', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
} as const;

describe('toBatch', () => {
  it('makes columns of rows, missing values as NaN', () => {
    const batch = toBatch(signature, [{ distance: 400, share: null, origin: 'ABQ' }]);

    expect(batch).toEqual({
      rowCount: 1,
      columns: { distance: Float32Array.of(400), share: Float32Array.of(Number.NaN), origin: ['ABQ'] },
    });
  });
});
