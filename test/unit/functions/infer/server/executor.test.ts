import { describe, expect, test } from 'vitest';
import { createExecutor } from '../../../../../functions/infer/server/executor.ts';
import type { LoadOrder } from '../../../../../functions/infer/server/messages.ts';
import { readSettings } from '../../../../../functions/infer/server/settings.ts';
import type { ModelSignature } from '../../../../../shared/core/inference/index.ts';
import { createMetrics, SERVING_FAMILIES } from '../../../../../shared/core/prometheus/index.ts';
import type { LoadedModel } from '../../../../../shared/ports/model-runtime.ts';

const settings = readSettings({}, { processors: 1, memoryBytes: 2 ** 30, sharesPort: true });
const signature: ModelSignature = {
  task: 'regression',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: false },
    { name: 'kind', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'value', datatype: 'FP32', shape: [-1, 1] }],
};

/** A model that answers every row so, or fails. */
const bench = (answer: number | Error) => {
  const seen = { rows: [] as unknown[], released: 0 };
  const model = {
    engine: 'interpreter',
    inputs: [],
    outputs: [],
    run: () => [],
    predict: async (columns: Readonly<Record<string, unknown>>) => {
      seen.rows.push(columns);
      if (answer instanceof Error) throw answer;
      return Float32Array.of(answer);
    },
    release: async () => {
      seen.released += 1;
    },
  } as unknown as LoadedModel;
  const executor = createExecutor({ load: async () => model }, settings, createMetrics(SERVING_FAMILIES));
  const order: LoadOrder = { key: 'k', model: 'm', version: '3', bytes: new Uint8Array(8), reservedBytes: 2 ** 20 };
  return { executor, order, seen };
};

describe('a model that must answer a row of nothing', () => {
  test('is held once it has, by zeros and empty texts', async () => {
    const { executor, order, seen } = bench(0.5);
    await executor.load({ ...order, mustAnswer: signature });

    expect(executor.has('k')).toBe(true);
    expect(seen.rows).toEqual([{ x: Float32Array.of(0), kind: [''] }]);
  });

  test.each([
    [new Error('no such operator'), 'version 3 failed on a row of nothing: no such operator'],
    [Number.NaN, 'version 3 failed on a row of nothing: it gave NaN, which is not finite'],
    [Number.POSITIVE_INFINITY, 'it gave Infinity'],
  ])('is refused and released where it answers %s', async (answer, message) => {
    const { executor, order, seen } = bench(answer);

    await expect(executor.load({ ...order, mustAnswer: signature })).rejects.toThrow(message);
    expect([executor.has('k'), seen.released]).toEqual([false, 1]);
  });
});

test('another model is not asked before its first request', async () => {
  const { executor, order, seen } = bench(new Error('fails on zeros, and may answer others'));
  await executor.load(order);

  expect([executor.has('k'), seen.rows]).toEqual([true, []]);
});
