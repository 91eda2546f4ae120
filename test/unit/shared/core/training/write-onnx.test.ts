import { InferenceSession, Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { SignatureSchema } from '../../../../../shared/contracts/artifacts.ts';
import {
  type FeatureColumns,
  type GradientBoostedTrees,
  predictGradientBoostedTrees,
  signatureOf,
  type TrainingTask,
  trainGradientBoostedTrees,
  writeOnnx,
} from '../../../../../shared/core/training/index.ts';
import { referenceProblem } from '../../../../reference/gbdt/problem.ts';

const ROW_COUNT = 6_000;
const AIRPORTS = ['ATL', 'ORD', 'Zürich', '東京', ''];
const FEATURES = [
  { name: 'a', type: 'number' },
  { name: 'origin', type: 'category' },
  { name: 'c', type: 'number' },
  { name: 'e', type: 'number' },
] as const;

const problem = referenceProblem(0, ROW_COUNT);
const origin = Array.from(problem.value, (value, row) => AIRPORTS[(value > 3 ? row % 3 : row) % 5] as string);
const columns: FeatureColumns = new Map<string, Float64Array | readonly string[]>([
  ...problem.columns,
  ['origin', origin],
]);

const trained = (task: TrainingTask): GradientBoostedTrees =>
  trainGradientBoostedTrees({
    task,
    features: FEATURES,
    columns,
    label: task === 'regression' ? problem.value : problem.binaryLabel,
    settings: {
      rounds: 60,
      maxLeaves: 31,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 3,
    },
  });

const answer = async (model: GradientBoostedTrees, rows: FeatureColumns, rowCount: number): Promise<Float32Array> => {
  const session = await InferenceSession.create(writeOnnx(model), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = Object.fromEntries(
    model.features.map(({ name, type }) => {
      const column = rows.get(name) as Float64Array & readonly string[];
      const data = type === 'category' ? [...(column as readonly string[])] : Float32Array.from(column);
      return [name, new Tensor(type === 'category' ? 'string' : 'float32', data as string[], [rowCount, 1])];
    }),
  );
  const output = (await session.run(feeds))[session.outputNames[0] as string] as Tensor;
  expect(output.dims).toEqual([rowCount, 1]);
  await session.release();
  return output.data as Float32Array;
};

/** Every threshold of a feature exactly, the float32 values beside it, and what no training row held. */
const adversarialRows = (model: GradientBoostedTrees): { rows: FeatureColumns; rowCount: number } => {
  const thresholdsOf = (feature: number): number[] =>
    model.trees.flatMap((tree) => [...tree.threshold].filter((_, node) => tree.featureIndex[node] === feature));
  const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(Math.abs(x) || 1)) - 23);
  const odd = [Number.NaN, 0, -0, 1e38, -1e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-42];
  const values = [0, 2, 3].map((f) => [...odd, ...thresholdsOf(f).flatMap((t) => [t, t + ulp(t), t - ulp(t)])]);
  const rowCount = Math.max(...values.map(({ length }) => length));
  const [a, c, e] = values.map((list, k) =>
    Float64Array.from({ length: rowCount }, (_, row) => list[(row * (k + 1)) % list.length] as number),
  ) as [Float64Array, Float64Array, Float64Array];
  const seen = [...AIRPORTS, 'never seen', 'atl', ' ATL'];
  const category = Array.from({ length: rowCount }, (_, row) => seen[row % seen.length] as string);
  const rows = new Map<string, Float64Array | readonly string[]>([
    ['a', a],
    ['c', c],
    ['e', e],
    ['origin', category],
  ]);
  return { rows, rowCount };
};

const largestDifference = (ours: Float32Array, theirs: Float32Array): number =>
  ours.reduce((worst, value, row) => Math.max(worst, Math.abs(value - (theirs[row] as number))), 0);

describe('writeOnnx, answered by onnxruntime', () => {
  it('gives the probabilities that predictGradientBoostedTrees gives, on every training row', async () => {
    const model = trained('binary-classification');

    const theirs = await answer(model, columns, ROW_COUNT);

    const ours = predictGradientBoostedTrees(model, columns, ROW_COUNT);
    expect(largestDifference(ours, theirs)).toBeLessThan(1e-6);
    expect(Math.max(...ours) - Math.min(...ours)).toBeGreaterThan(0.8);
  });

  it('and on thresholds hit exactly, missing values, unseen categories and infinities', async () => {
    const model = trained('binary-classification');
    const { rows, rowCount } = adversarialRows(model);

    const theirs = await answer(model, rows, rowCount);

    expect(rowCount).toBeGreaterThan(500);
    expect(largestDifference(predictGradientBoostedTrees(model, rows, rowCount), theirs)).toBeLessThan(1e-6);
  });

  it('gives the same single answers as one batch', async () => {
    const model = trained('binary-classification');
    const { rows, rowCount } = adversarialRows(model);
    const all = await answer(model, rows, rowCount);

    for (const row of [0, 1, 17, 130]) {
      const one = new Map([...rows].map(([name, column]) => [name, column.slice(row, row + 1)]));
      expect((await answer(model, one, 1))[0]).toBeCloseTo(all[row] as number, 6);
    }
  });

  it('gives the values of a regression', async () => {
    const model = trained('regression');
    const { rows, rowCount } = adversarialRows(model);

    const theirs = await answer(model, rows, rowCount);

    expect(largestDifference(predictGradientBoostedTrees(model, rows, rowCount), theirs)).toBeLessThan(1e-4);
  });

  it('answers the base rate for a model that found nothing to split', async () => {
    const label = Float64Array.from({ length: 40 }, (_, row) => (row % 4 === 0 ? 1 : 0));
    const constant = new Map([['x', new Float64Array(40).fill(1)]]);
    const model = trainGradientBoostedTrees({
      task: 'binary-classification',
      features: [{ name: 'x', type: 'number' }],
      columns: constant,
      label,
      settings: {
        rounds: 3,
        maxLeaves: 4,
        learningRate: 0.1,
        minRowsPerLeaf: 1,
        l2: 1,
        earlyStoppingRounds: 0,
        seed: 1,
      },
    });

    const theirs = await answer(model, constant, 40);

    expect(model.trees).toEqual([]);
    for (const probability of theirs) expect(probability).toBeCloseTo(0.25, 6);
  });
});

describe('signatureOf', () => {
  it('names the tensors of the graph, and is a signature by the contract', async () => {
    const model = trained('binary-classification');

    const signature = signatureOf(model);

    const session = await InferenceSession.create(writeOnnx(model));
    expect(session.inputNames).toEqual(signature.inputs.map(({ name }) => name));
    expect(session.outputNames).toEqual(signature.outputs.map(({ name }) => name));
    expect(v.parse(SignatureSchema, signature)).toEqual(signature);
    expect(signature).toEqual({
      task: 'binary-classification',
      inputs: [
        { name: 'a', datatype: 'FP32', shape: [-1, 1], nullable: false },
        { name: 'origin', datatype: 'BYTES', shape: [-1, 1], nullable: true },
        { name: 'c', datatype: 'FP32', shape: [-1, 1], nullable: false },
        { name: 'e', datatype: 'FP32', shape: [-1, 1], nullable: true },
      ],
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
    });
  });
});
