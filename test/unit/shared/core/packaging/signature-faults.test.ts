import { describe, expect, it } from 'vitest';
import { signatureFaults } from '../../../../../shared/core/packaging/index.ts';

const graph = {
  inputs: [
    { name: 'x', kind: 'tensor', elementType: 'FLOAT', shape: [undefined, 1] },
    { name: 'kind', kind: 'tensor', elementType: 'STRING', shape: ['rows', 1] },
  ],
  outputs: [{ name: 'y', kind: 'tensor', elementType: 'FLOAT', shape: [undefined, 1] }],
} as const;

const tensor = (name: string | undefined, dtype: string, shape: readonly number[] = [-1, 1]) => ({
  ...(name === undefined ? {} : { name }),
  type: 'tensor',
  'tensor-spec': { dtype, shape },
});
const faultsOf = (inputs: unknown, outputs?: unknown): readonly string[] =>
  signatureFaults(
    { inputs: JSON.stringify(inputs), ...(outputs === undefined ? {} : { outputs: JSON.stringify(outputs) }) },
    graph,
  );

describe('a logged signature', () => {
  it.each([
    ['tensors', [tensor('x', 'float32'), tensor('kind', 'object')]],
    [
      'columns',
      [
        { name: 'kind', type: 'string' },
        { name: 'x', type: 'double', required: true },
      ],
    ],
    ['numbers of another width', [tensor('x', 'int64'), tensor('kind', '<U5')]],
  ])('agrees with the graph by its %s', (_what, inputs) => {
    expect(faultsOf(inputs, [tensor('y', 'float64')])).toEqual([]);
    expect(faultsOf(inputs, [tensor(undefined, 'float32')])).toEqual([]);
  });

  it('contradicts it by names, kinds and shapes, each told', () => {
    const inputs = [tensor('x', 'object'), tensor('z', 'float32')];
    const outputs = [tensor('y', 'float32', [-1, 3])];

    expect(faultsOf(inputs, outputs)).toEqual([
      'its MLflow signature has the inputs "z", which the graph has not',
      'its MLflow signature leaves out the graph\'s inputs "kind"',
      'its MLflow signature has input "x" as object, the graph as FLOAT',
      'its MLflow signature has output "y" in the shape [-1, 3], the graph in [?, 1]',
    ]);
  });

  it.each([
    ['flags where the graph has numbers', [{ name: 'x', type: 'boolean' }, tensor('kind', 'str')], /"x" as boolean/],
    ['another rank', [tensor('x', 'float32', [-1]), tensor('kind', 'str')], /in the shape \[-1\]/],
    [
      'one tensor without a name for two inputs',
      [tensor(undefined, 'float32')],
      /1 inputs without names, the graph has 2/,
    ],
    ['a list of something else', [{ name: 'x' }], /inputs cannot be read: a field has no type/],
    ['no field', [], /must be a list of 1 to/],
  ])('contradicts it by %s', (_what, inputs, expected) => {
    expect(faultsOf(inputs).join('; ')).toMatch(expected);
  });

  it('that is no JSON is a fault, and none is none', () => {
    expect(signatureFaults({ inputs: '[' }, graph)).toEqual([
      "its MLflow signature's inputs cannot be read: it is no JSON",
    ]);
    expect(signatureFaults({}, graph)).toEqual([]);
  });
});
