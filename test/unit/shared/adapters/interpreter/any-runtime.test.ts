import { expect, it } from 'vitest';
import { createAnyRuntime } from '../../../../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../../../../shared/adapters/onnx/model-runtime.ts';
import { interpretModel } from '../../../../../shared/core/interpreter/index.ts';
import { makeNetwork, makeTrees } from '../../../../bench/serving-model.ts';

/** Both kinds by one runtime, and how often onnxruntime was opened. */
const openRuntime = () => {
  let opened = 0;
  const runtime = createAnyRuntime({
    interpret: interpretModel,
    openOther: async () => {
      opened += 1;
      return createModelRuntime();
    },
  });
  return { runtime, opened: () => opened };
};

const ROWS = 5;
const trees = makeTrees(300);
const columns = Object.fromEntries(
  trees.signature.inputs.map(({ name }, i) => [
    name,
    Float32Array.from({ length: ROWS }, (_, row) => (row === 0 ? Number.NaN : Math.sin(row * 20 + i))),
  ]),
);

it('runs trees by the interpreter, as onnxruntime would, and never opens the latter', async () => {
  const { runtime, opened } = openRuntime();
  const [own, reference] = [await runtime.load(trees.bytes), await createModelRuntime().load(trees.bytes)];

  expect(own).toMatchObject({ engine: 'interpreter', inputs: reference.inputs, outputs: reference.outputs });
  const expected = await reference.predict(columns, ROWS);
  // The trees' sums are the same to the bit; the sigmoid over them is not.
  for (const [row, value] of (await own.predict(columns, ROWS)).entries()) {
    expect(Math.abs(value - (expected[row] ?? Number.NaN)), `row ${row}`).toBeLessThan(2e-6);
  }
  expect(opened()).toBe(0);
});

it('leaves a model with another operator to onnxruntime, opened once', async () => {
  const { runtime, opened } = openRuntime();
  const network = makeNetwork(4);

  const [first, second] = [await runtime.load(network.bytes), await runtime.load(network.bytes)];

  expect([first.engine, second.engine, opened()]).toEqual(['onnxruntime', 'onnxruntime', 1]);
});

it('answers at once by the interpreter', async () => {
  const { runtime } = openRuntime();
  const model = await runtime.load(trees.bytes);
  const inputs = model.inputs.map(({ name }) => {
    return { name, datatype: 'FP32' as const, shape: [1, 1], data: Float32Array.of(0.25) };
  });

  const answer = model.run(inputs, ['probability']);

  expect(answer).not.toBeInstanceOf(Promise);
  expect(answer).toMatchObject([{ name: 'probability', datatype: 'FP32', shape: [1, 1] }]);
});

it('tells of columns that do not fit the model', async () => {
  const { runtime } = openRuntime();
  const model = await runtime.load(trees.bytes);
  const { feature_3: _, ...lacking } = columns;

  await expect(model.predict(lacking, ROWS)).rejects.toThrow('input feature_3 is missing');
  await expect(model.predict({ ...columns, feature_3: new Float32Array(2) }, ROWS)).rejects.toThrow(
    'input feature_3 has 2 values, expected 5',
  );
});
