import { describe, expect, it } from 'vitest';
import {
  findCounterfactual,
  meanContributions,
  partialDependence,
  permutationImportance,
  rankImportance,
  seededRandom,
  spreadRows,
} from '../../../../../shared/core/explanation/index.ts';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';

const INPUTS = [
  { name: 'x', datatype: 'FP32' },
  { name: 'idle', datatype: 'FP32' },
  { name: 'kind', datatype: 'BYTES' },
] as const;

/** 2 x, and 3 more for kind b; nothing of idle. */
const predict = (tensors: readonly Tensor[]): Float32Array => {
  const [x, , kind] = tensors.map(({ data }) => data) as [Float32Array, Float32Array, readonly string[]];
  return x.map((value, row) => 2 * value + (kind[row] === 'b' ? 3 : 0));
};

const ROWS = 200;
const columns = {
  x: Float32Array.from({ length: ROWS }, (_, row) => row / ROWS),
  idle: Float32Array.from({ length: ROWS }, (_, row) => (row * 7) % 13),
  kind: Array.from({ length: ROWS }, (_, row) => (row % 4 === 0 ? 'b' : 'a')),
};
const rows = { columns, rowCount: ROWS };

describe('importance', () => {
  it('by shuffling is nothing for what the model does not read, and most for what it leans on most', async () => {
    const truth = predict([{ data: columns.x }, {}, { data: columns.kind }] as unknown as readonly Tensor[]);
    const loss = (predictions: ArrayLike<number>): number =>
      truth.reduce((sum, value, row) => sum + (value - (predictions[row] as number)) ** 2, 0) / ROWS;

    const increases = await permutationImportance({ inputs: INPUTS, ...rows, predict, loss, random: seededRandom(1) });

    expect(increases.idle).toEqual({ lossIncrease: 0 });
    expect(increases.x?.lossIncrease).toBeGreaterThan(0);
    expect(increases.kind?.lossIncrease).toBeGreaterThan(increases.x?.lossIncrease as number);
    expect(rankImportance(increases, undefined).map(({ feature }) => feature)).toEqual(['kind', 'x', 'idle']);
  });

  it('has an interval by days: around 0 for what the model does not read, above it for what it leans on', async () => {
    const truth = predict([{ data: columns.x }, {}, { data: columns.kind }] as unknown as readonly Tensor[]);
    const squares = (predictions: ArrayLike<number>): readonly number[] =>
      Array.from(truth, (value, row) => (value - (predictions[row] as number)) ** 2);
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const days = (predictions: ArrayLike<number>): readonly number[] =>
      [0, 1, 2, 3].map((day) => mean(squares(predictions).slice(50 * day, 50 * (day + 1))));
    const asked = { inputs: INPUTS, ...rows, predict, loss: (all: ArrayLike<number>) => mean(squares(all)) };

    const found = await permutationImportance({ ...asked, dayLosses: days, random: seededRandom(1) });

    expect(found.idle).toEqual({ lossIncrease: 0, interval: { lower: 0, upper: 0 } });
    expect(found.kind?.interval?.lower).toBeGreaterThan(0);
    expect(found.kind?.interval?.upper).toBeGreaterThan(found.kind?.lossIncrease as number);
  });

  it('by contributions is the mean of their sizes, whatever their sign', () => {
    const explanation = (x: number) => ({ method: 'kernel', baseline: 0, margin: x, contributions: { x } }) as const;

    expect(meanContributions([explanation(2), explanation(-4)])).toEqual({ x: 3 });
    expect(rankImportance({ x: { lossIncrease: 0 }, y: { lossIncrease: 9 } }, { x: 3, y: 1 })).toEqual([
      { feature: 'x', lossIncrease: 0, meanContribution: 3 },
      { feature: 'y', lossIncrease: 9, meanContribution: 1 },
    ]);
  });
});

describe('partial dependence', () => {
  it('follows a number over its range, and texts by how often they are', async () => {
    const x = await partialDependence({ inputs: INPUTS, predict }, rows, 'x');
    const kind = await partialDependence({ inputs: INPUTS, predict }, rows, 'kind');

    expect(x.values.length).toBe(16);
    x.values.forEach((value, at) => {
      expect(x.mean[at]).toBeCloseTo(2 * (value as number) + 0.75, 5);
    });
    expect(x.rows).toHaveLength(20);
    expect(kind.values).toEqual(['a', 'b']);
    expect((kind.mean[1] as number) - (kind.mean[0] as number)).toBeCloseTo(3, 5);
  });
});

describe('a counterfactual', () => {
  const background = { columns, rowCount: ROWS };

  it('changes one feature where that is enough, by the nearest value that crosses', async () => {
    const found = await findCounterfactual({ inputs: INPUTS, predict, background, limit: 1 }, [0.25, 5, 'a']);

    expect(found).toEqual({ changes: [{ feature: 'x', from: 0.25, to: 0.5 }], prediction: 1 });
  });

  it('changes several where one is not enough, and says what the prediction becomes', async () => {
    const found = await findCounterfactual({ inputs: INPUTS, predict, background, limit: 4.5 }, [0.25, 5, 'a']);

    expect(found?.changes.map(({ feature }) => feature)).toEqual(['kind', 'x']);
    expect(found?.prediction).toBeGreaterThanOrEqual(4.5);
  });

  it('goes down as well, keeps to the features that may change, and is none where nothing crosses', async () => {
    const search = { inputs: INPUTS, predict, background };

    expect(await findCounterfactual({ ...search, limit: 1 }, [0.75, 5, 'a'])).toMatchObject({
      changes: [{ feature: 'x', to: expect.closeTo(0.495, 5) }],
    });
    expect(await findCounterfactual({ ...search, limit: 1, changeable: ['idle'] }, [0.25, 5, 'a'])).toBeUndefined();
    expect(await findCounterfactual({ ...search, limit: 100 }, [0.25, 5, 'a'])).toBeUndefined();
  });
});

describe('rows spread over a table', () => {
  it('are different, in order, in every part of it, and the same each time', () => {
    const spread = spreadRows(1_000, 100);

    expect(spread.map((row) => Math.floor(row / 10))).toEqual(Array.from({ length: 100 }, (_, part) => part));
    expect(spreadRows(1_000, 100)).toEqual(spread);
    expect(new Set(spread.map((row) => row % 10)).size).toBeGreaterThan(5);
    expect(spreadRows(3, 100)).toEqual([0, 1, 2]);
  });
});
