import { describe, expect, it } from 'vitest';
import { createModelRuntime } from '../../../../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../../../../shared/adapters/onnx/score-table.ts';
import type { Signature } from '../../../../../shared/contracts/artifacts.ts';
import {
  predictGradientBoostedTrees,
  signatureOf,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../../../shared/core/training/index.ts';
import type { ModelRuntime } from '../../../../../shared/ports/model-runtime.ts';

const ROWS = 200;
const x = Float64Array.from({ length: ROWS }, (_, i) => (i % 17 === 0 ? Number.NaN : i % 13));
const kind = Array.from({ length: ROWS }, (_, i) => ['a', 'b', ''][i % 3] ?? '');
const labels = Float64Array.from({ length: ROWS }, (_, i) => (i % 13 > 6 ? 1 : 0));
const columns = new Map<string, Float64Array | readonly string[]>([
  ['x', x],
  ['kind', kind],
]);
const table = { rowCount: ROWS, eventAtMs: new Float64Array(ROWS), labels, columns };
const trees = trainGradientBoostedTrees({
  task: 'binary-classification',
  features: [
    { name: 'x', type: 'number' },
    { name: 'kind', type: 'category' },
  ],
  columns,
  label: labels,
  settings: {
    rounds: 5,
    maxLeaves: 7,
    learningRate: 0.3,
    minRowsPerLeaf: 5,
    l2: 1,
    earlyStoppingRounds: 0,
    seed: 1,
  },
});
const signature: Signature = signatureOf(trees);
const runtime = createModelRuntime();

describe('scoring a table', () => {
  it('answers every row as the trainer does, missing values included', async () => {
    const predictions = await scoreTable(runtime, { bytes: writeOnnx(trees), signature }, table);

    const expected = predictGradientBoostedTrees(trees, columns, ROWS);
    expect(predictions).toHaveLength(ROWS);
    for (const [row, prediction] of predictions.entries()) expect(prediction).toBeCloseTo(expected[row] ?? -1, 5);
  });

  it('asks about many rows in several runs, and answers as in one', async () => {
    const rowCount = 150_000;
    const many = {
      rowCount,
      eventAtMs: new Float64Array(rowCount),
      labels: new Float64Array(rowCount),
      columns: new Map<string, Float64Array | readonly string[]>([
        ['x', Float64Array.from({ length: rowCount }, (_, i) => x[i % ROWS] ?? 0)],
        ['kind', Array.from({ length: rowCount }, (_, i) => kind[i % ROWS] ?? '')],
      ]),
    };
    const runs: number[] = [];
    const counted: ModelRuntime = {
      load: async (bytes) => {
        const loaded = await runtime.load(bytes);
        return {
          ...loaded,
          predict: (inputs, rows) => {
            runs.push(rows);
            return loaded.predict(inputs, rows);
          },
        };
      },
    };
    const model = { bytes: writeOnnx(trees), signature };

    const predictions = await scoreTable(counted, model, many);

    const few = await scoreTable(runtime, model, table);
    expect(runs).toEqual([65_536, 65_536, 18_928]);
    expect(predictions.every((prediction, row) => prediction === few[row % ROWS])).toBe(true);
  });

  it('refuses a table that lacks an input, or has another kind of values', async () => {
    const model = { bytes: writeOnnx(trees), signature };
    const lacking = { ...table, columns: new Map([['x', x]]) };
    const swapped = { ...table, columns: new Map([...columns, ['kind', x]]) };

    await expect(scoreTable(runtime, model, lacking)).rejects.toMatchObject({
      message: 'input kind is BYTES, the table has none',
    });
    await expect(scoreTable(runtime, model, swapped)).rejects.toMatchObject({
      message: 'input kind is BYTES, the table has numbers',
    });
  });

  it('refuses bytes that are no model', async () => {
    await expect(runtime.load(new TextEncoder().encode('nothing'))).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
  });
});
