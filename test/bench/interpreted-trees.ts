import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Tensor } from '../../shared/core/inference/index.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { trainGradientBoostedTrees, writeOnnx } from '../../shared/core/training/index.ts';
import { type BenchRow, secondsOf } from './bench-row.ts';

const FEATURE_COUNT = 14;
const ROW_COUNT = 4_000;
const TREE_COUNT = 200;
const LEAF_COUNT = 31;
const ROWS_PER_SAMPLE = 25_600;

/** A fixed sequence of numbers in [0, 1): Numerical Recipes' linear congruential generator. */
const createUniform = (): (() => number) => {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const drawColumns = (): readonly Float64Array[] => {
  const uniform = createUniform();
  const drawFeature = (feature: number): number => (feature < 2 ? Math.floor(uniform() * 24) : uniform());
  return Array.from({ length: FEATURE_COUNT }, (_, feature) =>
    Float64Array.from({ length: ROW_COUNT }, () => (uniform() < 0.02 ? Number.NaN : drawFeature(feature))),
  );
};

/** 200 trees of 31 leaves on 14 features, as our own trainer writes them, and the rows it learned from. */
export const trainTrees = (): { readonly bytes: Uint8Array; readonly columns: readonly Float64Array[] } => {
  const columns = drawColumns();
  const label = Float64Array.from({ length: ROW_COUNT }, (_, row) => {
    const x = (feature: number): number => columns[feature]![row]! || 0;
    return 2 * x(2) - 1.5 * x(3) + 3 * x(4) * x(5) + Math.sin(6 * x(6)) + 0.05 * x(0) > 1.8 ? 1 : 0;
  });
  const model = trainGradientBoostedTrees({
    task: 'binary-classification',
    features: columns.map((_, feature) => ({ name: `x${feature}`, type: 'number', nullable: true })),
    columns: new Map(columns.map((column, feature) => [`x${feature}`, column])),
    label,
    settings: {
      rounds: TREE_COUNT,
      maxLeaves: LEAF_COUNT,
      learningRate: 0.1,
      minRowsPerLeaf: 5,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    },
  });
  return { bytes: writeOnnx(model), columns };
};

const batchesOf = (columns: readonly Float64Array[], batchRows: number): readonly (readonly Tensor[])[] =>
  Array.from({ length: Math.floor(ROW_COUNT / batchRows) }, (_, batch) =>
    columns.map((column, feature) => ({
      name: `x${feature}`,
      datatype: 'FP32',
      shape: [batchRows, 1],
      data: Float32Array.from(column.subarray(batch * batchRows, (batch + 1) * batchRows)),
    })),
  );

/** Rows a second of the interpreter, beside onnxruntime-node on one thread, asked for the same batches in turn. */
export const interpretedTreesRow = (batchRows: number): BenchRow => ({
  name: `serving/interpreter/trees-b${batchRows}`,
  unit: 'rows/s',
  betterIs: 'higher',
  baselineName: `onnxruntime-node in the same process, one thread, batches of ${batchRows}: ${TREE_COUNT} trees × ${LEAF_COUNT} leaves, ${FEATURE_COUNT} inputs of one feature each`,
  async prepare() {
    const { bytes, columns } = trainTrees();
    const batches = batchesOf(columns, batchRows);
    const interpreted = interpretModel(bytes);
    if ('refused' in interpreted) throw new Error(interpreted.refused);
    const session = await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    const feeds = batches.map((inputs) =>
      Object.fromEntries(
        inputs.map(({ name, data, shape }) => [name, new OrtTensor('float32', data as Float32Array, shape)]),
      ),
    );
    const calls = ROWS_PER_SAMPLE / batchRows;
    const value = (): number =>
      secondsOf(() => {
        for (let call = 0; call < calls; call++) interpreted.model.run(batches[call % batches.length]!);
      });
    const baseline = async (): Promise<number> => {
      const startMs = performance.now();
      for (let call = 0; call < calls; call++) await session.run(feeds[call % feeds.length]!);
      return (performance.now() - startMs) / 1_000;
    };
    value();
    await baseline();
    return {
      value: async () => ROWS_PER_SAMPLE / value(),
      baseline: async () => ROWS_PER_SAMPLE / (await baseline()),
    };
  },
});
