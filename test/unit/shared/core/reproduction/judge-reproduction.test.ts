import { expect, it } from 'vitest';
import { judgeReproduction } from '../../../../../shared/core/reproduction/index.ts';

it('is equal when every file has the digest that the manifest names', () => {
  expect(judgeReproduction({ 'model.onnx': 'a', 'evaluation.json': 'z' }, { 'model.onnx': 'a' }, [])).toEqual({
    outcome: 'equal',
    files: { 'model.onnx': { expected: 'a', found: 'a', equal: true } },
    differences: [],
  });
});

it('is different when one file has other bytes or is in no manifest', () => {
  const { outcome, files } = judgeReproduction({ 'model.onnx': 'a' }, { 'model.onnx': 'a', 'signature.json': 's' }, []);

  expect(outcome).toBe('different');
  expect(files['signature.json']).toEqual({ expected: 'absent', found: 's', equal: false });
});
