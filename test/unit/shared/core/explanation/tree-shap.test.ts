import { describe, expect, it } from 'vitest';
import { openExplainer, tensorsOf } from '../../../../../shared/core/explanation/index.ts';
import {
  columnsOf,
  explainedModel,
  FEATURE_NAMES,
  marginByHand,
  onnxOf,
  SHAP_CASES,
  type ShapCase,
} from '../../../../reference/explanation/shap-cases.ts';

const explain = async (each: ShapCase, task: 'binary-classification' | 'regression', byCovers: boolean) => {
  const basis = byCovers
    ? { covers: each.trees.flatMap((nodes) => nodes.map(({ cover }) => cover)) }
    : { background: columnsOf(each.background) };
  const model = explainedModel(onnxOf(each, task), task, basis);
  const opened = await openExplainer(model);
  if ('refused' in opened) throw new Error(opened.refused);
  const { rowCount, columns } = columnsOf(each.rows);
  const tensors = tensorsOf(model.inputs, columns, rowCount);
  const outputs = await model.predict(tensors, rowCount);
  return { explainer: opened.explainer, outputs, explanations: await opened.explainer.explain(tensors, outputs) };
};

describe.each(SHAP_CASES)('trees of $name', (each) => {
  it.each([
    ['tree-path-dependent', true, each.pathDependent],
    ['tree-interventional', false, each.interventional],
  ] as const)('are explained by %s as the shap package does, within 1e-6', async (method, byCovers, reference) => {
    const { explainer, explanations } = await explain(each, 'binary-classification', byCovers);

    expect(explainer.method).toBe(method);
    explanations.forEach(({ baseline, contributions }, row) => {
      expect(Math.abs(baseline - reference.expected)).toBeLessThan(1e-6);
      FEATURE_NAMES.forEach((name, at) => {
        const expected = reference.values[row]?.[at] as number;
        expect(Math.abs((contributions[name] as number) - expected), `${name} of row ${row}`).toBeLessThan(1e-6);
      });
    });
  });

  it.each(['binary-classification', 'regression'] as const)(
    'have contributions that add up to the margin in double, and to what a %s serves',
    async (task) => {
      for (const byCovers of [true, false]) {
        const { explanations, outputs } = await explain(each, task, byCovers);
        explanations.forEach(({ margin, baseline, contributions }, row) => {
          const sum = Object.values(contributions).reduce((total, value) => total + value, baseline);
          const served = outputs[row] as number;
          const servedMargin = task === 'regression' ? served : Math.log(served / (1 - served));
          expect(Math.abs(sum - marginByHand(each, each.rows[row] as readonly number[]))).toBeLessThan(1e-6);
          expect(Math.abs(margin - sum)).toBeLessThan(1e-9);
          expect(Math.abs(sum - servedMargin)).toBeLessThan(1e-5);
        });
      }
    },
  );
});
