import { type Explainer, openExplainer, tensorsOf } from '../../../shared/core/explanation/index.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import { coversOf, trainGradientBoostedTrees, writeOnnx } from '../../../shared/core/training/index.ts';
import type { BenchRow } from '../bench-row.ts';

/** Microseconds to explain one row of 200 trees of 31 leaves by covers; beside it, by 100 background rows. */

const FEATURES = 14;
const ROWS = 5_000;
const EXPLAINED = 20;

const microseconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return ((performance.now() - startMs) * 1_000) / EXPLAINED;
};

const opened = async (asked: Parameters<typeof openExplainer>[0]): Promise<Explainer> => {
  const found = await openExplainer(asked);
  if ('refused' in found) throw new Error(found.refused);
  return found.explainer;
};

export const row: BenchRow = {
  name: 'explanation/tree-shap',
  unit: 'µs a row',
  betterIs: 'lower',
  baselineName: 'the same rows, interventional with 100 background rows',
  prepare: async () => {
    const names = Array.from({ length: FEATURES }, (_, i) => `f${i}`);
    const valueAt = (feature: number, at: number): number => ((at * (7_919 + 104 * feature)) % 1_009) / 1_009;
    const columns = new Map(
      names.map((name, feature) => [name, Float64Array.from({ length: ROWS }, (_, at) => valueAt(feature, at))]),
    );
    const label = Float64Array.from({ length: ROWS }, (_, at) =>
      valueAt(0, at) * valueAt(1, at) + valueAt(2, at) > 0.7 ? 1 : 0,
    );
    const settings = {
      rounds: 200,
      maxLeaves: 31,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    };
    const features = names.map((name) => ({ name, type: 'number' }) as const);
    const trained = trainGradientBoostedTrees({ task: 'binary-classification', features, columns, label, settings });
    const bytes = writeOnnx(trained);
    const interpreted = interpretModel(bytes);
    if ('refused' in interpreted) throw new Error(interpreted.refused);
    const inputs = names.map((name) => ({ name, datatype: 'FP32' }) as const);
    const first = (count: number) => ({
      rowCount: count,
      columns: Object.fromEntries(
        names.map((name) => [name, Float32Array.from(columns.get(name)?.subarray(0, count) ?? [])]),
      ),
    });
    const model = {
      bytes,
      task: 'binary-classification' as const,
      inputs,
      predict: (tensors: Parameters<typeof interpreted.model.run>[0]) =>
        interpreted.model.run(tensors)[0]?.data as Float32Array,
    };
    const byCovers = await opened({ ...model, basis: { covers: coversOf(trained) } });
    const byBackground = await opened({ ...model, basis: { background: first(100) } });
    const asked = tensorsOf(inputs, first(EXPLAINED).columns, EXPLAINED);
    const outputs = model.predict(asked);
    const ask = (explainer: Explainer) => microseconds(() => explainer.explain(asked, outputs));
    await ask(byCovers);
    await ask(byBackground);
    return { value: () => ask(byCovers), baseline: () => ask(byBackground) };
  },
};
