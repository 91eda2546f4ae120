import { describe, expect, test } from 'vitest';
import { createBatchLane } from '../../../../../functions/infer/server/batch-lane.ts';
import type { Tensor, TensorSpec } from '../../../../../shared/core/inference/index.ts';
import type { LoadedModel } from '../../../../../shared/ports/model-runtime.ts';

const LIMITS = { maxWaitingRuns: 100, maxQueueMs: 10_000, maxBatchRows: 64, maxBatchDelayMs: 1 };
const EVENTS = { ran: () => undefined, waiting: () => undefined };
const spec: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 1] };
const row = (...values: readonly number[]): readonly Tensor[] => [
  { name: 'x', datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) },
];

/** Doubles what it is given; the rows of each run are kept. */
const doubling = (change: Partial<LoadedModel> = {}): LoadedModel & { readonly runs: number[] } => {
  const runs: number[] = [];
  return {
    runs,
    engine: 'onnxruntime',
    inputs: [spec],
    outputs: [spec],
    run: async ([input]) => {
      const data = input?.data as Float32Array;
      runs.push(data.length);
      if (data.includes(13)) throw new Error('13 is not taken');
      return [{ name: 'y', datatype: 'FP32', shape: [data.length, 1], data: data.map((value) => 2 * value) }];
    },
    predict: async () => new Float32Array(0),
    release: async () => undefined,
    ...change,
  };
};
const valuesOf = (outputs: readonly Tensor[]): readonly number[] =>
  outputs.flatMap(({ data }) => [...(data as Float32Array)]);

describe('requests of one turn', () => {
  test('run together once their model is known to gain by it, and each gets its own rows', async () => {
    const model = doubling();
    const lane = createBatchLane(model, LIMITS, EVENTS);
    const all: (readonly number[])[] = [];
    for (let round = 0; round < 6; round += 1) {
      const outputs = await Promise.all(Array.from({ length: 12 }, (_, i) => lane.run(row(i))));
      all.push(outputs.flatMap(valuesOf));
    }

    expect(all).toEqual(Array.from({ length: 6 }, () => Array.from({ length: 12 }, (_, i) => 2 * i)));
    expect(model.runs.length).toBeLessThan(72);
  });

  test('one that the model refuses fails alone', async () => {
    const lane = createBatchLane(doubling(), LIMITS, EVENTS);
    for (let round = 0; round < 4; round += 1) await Promise.all([1, 2, 3, 4].map((value) => lane.run(row(value))));
    const outcomes = await Promise.allSettled([1, 13, 3].map((value) => lane.run(row(value))));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('are not joined where the model has no rows', async () => {
    const model = doubling({ outputs: [{ ...spec, shape: [1] }] });
    const lane = createBatchLane(model, LIMITS, EVENTS);
    await Promise.all([1, 2, 3].map((value) => lane.run(row(value))));

    expect(model.runs).toEqual([1, 1, 1]);
  });

  test('are answered apart where the outputs turn out to mix rows', async () => {
    const model = doubling();
    const mixing: LoadedModel = {
      ...model,
      run: async (inputs) => {
        const [output] = await model.run(inputs);
        return [{ ...(output as Tensor), shape: [1, 1], data: (output as Tensor).data.slice(0, 1) as Float32Array }];
      },
    };
    const lane = createBatchLane(mixing, LIMITS, EVENTS);
    for (let round = 0; round < 4; round += 1) {
      const outputs = await Promise.all([1, 2, 3, 4].map((value) => lane.run(row(value))));
      expect(outputs.flatMap(valuesOf)).toEqual([2, 4, 6, 8]);
    }
  });
});

test('more than may wait are refused', async () => {
  const lane = createBatchLane(doubling(), { ...LIMITS, maxWaitingRuns: 2 }, EVENTS);
  const taken = [lane.run(row(1)), lane.run(row(2))];

  expect(() => lane.run(row(3))).toThrow('2 requests wait for this model, no more may');
  await Promise.all(taken);
});

test('a request whose turn would come too late is refused at once', async () => {
  const slow = doubling({
    run: async (inputs) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return inputs;
    },
  });
  const lane = createBatchLane(slow, { ...LIMITS, maxQueueMs: 15 }, EVENTS);
  await lane.run(row(1));
  await new Promise((resolve) => setImmediate(resolve));
  const taken = lane.run(row(1));

  expect(() => lane.run(row(1))).toThrow(/the requests that wait for this model take \d+ ms more/);
  await taken;
});
