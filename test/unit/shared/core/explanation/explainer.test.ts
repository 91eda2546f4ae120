import { describe, expect, it } from 'vitest';
import { type ExplainedModel, openExplainer, tensorsOf } from '../../../../../shared/core/explanation/index.ts';
import { findMargin } from '../../../../../shared/core/explanation/margin.ts';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';
import { interpretModel, readTreeModel } from '../../../../../shared/core/interpreter/index.ts';
import { trainGradientBoostedTrees, writeOnnx } from '../../../../../shared/core/training/index.ts';
import { columnsOf, explainedModel, SHAP_CASES, type ShapCase } from '../../../../reference/explanation/shap-cases.ts';
import { readReferenceCases } from '../../../../reference/interpreter/fixtures.ts';

const CASE = SHAP_CASES[0] as ShapCase;

/** A model that is no trees: the interpreter reads nothing of its bytes. */
const smooth = (task: ExplainedModel['task'], answer: (x: number, kind: string) => number): ExplainedModel => ({
  bytes: new Uint8Array(),
  task,
  inputs: [
    { name: 'x', datatype: 'FP32' },
    { name: 'kind', datatype: 'BYTES' },
  ],
  predict: (inputs: readonly Tensor[]) => {
    const [x, kind] = inputs.map(({ data }) => data) as [Float32Array, readonly string[]];
    return x.map((value, row) => answer(value, kind[row] as string));
  },
  basis: { background: { rowCount: 2, columns: { x: Float32Array.of(0, 2), kind: ['a', 'b'] } } },
});

describe('an explainer', () => {
  it('samples a model that is no trees, on the log-odds of a probability', async () => {
    const model = smooth('binary-classification', (x, kind) => 1 / (1 + Math.exp(-(x + (kind === 'a' ? 3 : 0)))));
    const opened = await openExplainer(model);
    if ('refused' in opened) throw new Error(opened.refused);
    const inputs = tensorsOf(model.inputs, { x: Float32Array.of(1.5), kind: ['a'] }, 1);

    const [explanation] = await opened.explainer.explain(inputs, await model.predict(inputs, 1));

    expect(explanation).toMatchObject({ method: 'kernel', errors: { x: 0, kind: 0 } });
    expect(explanation?.baseline).toBeCloseTo(2.5, 5);
    expect(explanation?.contributions.x).toBeCloseTo(0.5, 5);
    expect(explanation?.contributions.kind).toBeCloseTo(1.5, 5);
  });

  it('counts a category and its encoding as one feature', async () => {
    const kinds = ['a', 'b', 'c'];
    const rowCount = 600;
    const x = Float64Array.from({ length: rowCount }, (_, i) => (i * 37) % 100);
    const kind = Array.from({ length: rowCount }, (_, i) => kinds[i % 3] as string);
    const label = x.map((value, i) => value / 50 + (kind[i] === 'b' ? 2 : 0));
    const settings = {
      rounds: 20,
      maxLeaves: 7,
      learningRate: 0.3,
      minRowsPerLeaf: 5,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    };
    const features = [
      { name: 'x', type: 'number' },
      { name: 'kind', type: 'category' },
    ] as const;
    const columns = new Map<string, Float64Array | readonly string[]>([
      ['x', x],
      ['kind', kind],
    ]);
    const trained = trainGradientBoostedTrees({ task: 'regression', features, columns, label, settings });
    const background = { rowCount: 3, columns: { x: Float32Array.of(10, 50, 90), kind: ['a', 'b', 'c'] } };
    const model = explainedModel(writeOnnx(trained), 'regression', { background });
    const opened = await openExplainer(model);
    if ('refused' in opened) throw new Error(opened.refused);
    const inputs = tensorsOf(model.inputs, { x: Float32Array.of(50), kind: ['b'] }, 1);

    const [explanation] = await opened.explainer.explain(inputs, await model.predict(inputs, 1));

    expect(explanation?.method).toBe('tree-interventional');
    expect(Object.keys(explanation?.contributions ?? {})).toEqual(['x', 'kind']);
    // Two thirds of the background are not b, which is worth 2.
    expect(explanation?.contributions.kind).toBeCloseTo(4 / 3, 0);
  });

  it('refuses a model of which neither counts nor rows are kept', async () => {
    const { basis: _, ...model } = smooth('regression', (x) => x);

    expect(await openExplainer({ ...model, basis: {} })).toEqual({
      refused: 'neither the training rows of its trees nor background rows are kept with it',
    });
  });

  it('takes counts that do not fit the trees for none', async () => {
    const covers = CASE.trees.flatMap((nodes) => nodes.map(({ cover }) => cover)).slice(1);
    const { onnxOf } = await import('../../../../reference/explanation/shap-cases.ts');
    const model = explainedModel(onnxOf(CASE, 'regression'), 'regression', {
      covers,
      background: columnsOf(CASE.background),
    });

    const opened = await openExplainer(model);

    expect('explainer' in opened && opened.explainer.method).toBe('tree-interventional');
  });

  it('says how many rows it explains at once, and refuses more', async () => {
    const model = smooth('regression', (x) => x);
    const opened = await openExplainer(model);
    if ('refused' in opened) throw new Error(opened.refused);
    const rowCount = opened.explainer.mostRows + 1;
    const inputs = tensorsOf(
      model.inputs,
      { x: new Float32Array(rowCount), kind: Array(rowCount).fill('a') },
      rowCount,
    );

    await expect(opened.explainer.explain(inputs, new Float32Array(rowCount))).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: `at most 500 rows of this model are explained at once (by kernel), got 501`,
    });
  });
});

describe('the margin of trees that other tools wrote', () => {
  const cases = readReferenceCases().flatMap((each) => {
    const read = readTreeModel(each.bytes);
    return 'trees' in read && read.trees.ensemble.targetCount <= 2 ? [{ ...each, trees: read.trees }] : [];
  });

  it('is looked for in several', () => {
    expect(cases.map(({ name }) => name)).toEqual(['sklearn-gradient-boosting', 'lightgbm-binary']);
  });

  it.each(cases)('is found for $name by what the model answers', ({ name, bytes, inputs, trees }) => {
    const interpreted = interpretModel(bytes);
    if ('refused' in interpreted) throw new Error(interpreted.refused);
    const scores = interpreted.model.run(inputs).find(({ datatype }) => datatype === 'FP32') as Tensor;
    const width = scores.shape[1] ?? 1;
    const last = (scores.data as Float32Array).filter((_, at) => at % width === width - 1);

    const margin = findMargin(trees, trees.featuresOf(inputs), last);

    expect(margin?.link).toBe(name === 'lightgbm-binary' ? 'logit' : 'identity');
  });
});
