import { describe, expect, it } from 'vitest';
import {
  createInferenceApi,
  type RowExplainer,
  type RowExplanation,
} from '../../../../../shared/core/inference/index.ts';
import { createTestHost } from '../../../../helpers/inference-models.ts';

const FEATURES = { x: 0.25, share: 1, kind: 'a' };
const EXPLANATION: RowExplanation = {
  method: 'kernel',
  baseline: 0,
  margin: 1,
  contributions: { x: 1 },
  errors: { x: 0.1 },
};
const EXPLAINER: RowExplainer = {
  method: 'kernel',
  mostRows: 2,
  explain: async (_inputs, outputs) => Array.from(outputs, () => EXPLANATION),
};

const ask = async (explainer: RowExplainer | undefined, body: object, query: Readonly<Record<string, string>> = {}) => {
  const host = { ...createTestHost(), ...(explainer === undefined ? {} : { explainer: () => explainer }) };
  const answer = await createInferenceApi(host, { maxBodyBytes: 1e6 })({
    method: 'POST',
    path: '/models/toy/predict',
    query: { explain: 'true', ...query },
    header: (name) => (name === 'content-type' ? 'application/json' : undefined),
    body: JSON.stringify(body),
    requestId: 'r',
  });
  return { status: answer.status, answer: JSON.parse(String(answer.body)) };
};

describe('an explained prediction', () => {
  it('stands beside its output, in a single answer and in each of a list', async () => {
    const row = { features: FEATURES };

    expect((await ask(EXPLAINER, row)).answer).toMatchObject({ probability: 0.25, explanation: EXPLANATION });
    expect((await ask(EXPLAINER, { instances: [row, row] })).answer.predictions).toEqual([
      expect.objectContaining({ probability: 0.25, explanation: EXPLANATION }),
      expect.objectContaining({ probability: 0.25, explanation: EXPLANATION }),
    ]);
  });

  it('is refused for more rows than are explained at once', async () => {
    const instances = Array.from({ length: 3 }, () => ({ features: FEATURES }));

    expect(await ask(EXPLAINER, { instances })).toMatchObject({
      status: 400,
      answer: { detail: 'at most 2 rows of toy are explained at once (by kernel), got 3' },
    });
  });

  it('comes with the change by which it would cross a limit, or null, where one row asks for it', async () => {
    const change = { changes: [{ feature: 'x', from: 0.25, to: 0.6 }], prediction: 0.6 };
    const search = {
      ...EXPLAINER,
      counterfactual: async (_: unknown, limit: number) => (limit === 0.5 ? change : null),
    };
    const row = { features: FEATURES };

    const counterfactualOf = async (counterfactual: string) =>
      (await ask(search, row, { counterfactual })).answer.explanation.counterfactual;
    expect(await counterfactualOf('0.5')).toEqual(change);
    expect(await counterfactualOf('0.9')).toBeNull();
    expect(await ask(search, { instances: [row, row] }, { counterfactual: '0.5' })).toMatchObject({
      status: 400,
      answer: { detail: 'counterfactual is looked for of one row, got 2' },
    });
    expect(await ask(search, row, { counterfactual: 'half' })).toMatchObject({
      status: 400,
      answer: { detail: expect.stringContaining('a number, got "half"') },
    });
  });

  it('is refused where nobody explains', async () => {
    expect(await ask(undefined, { features: FEATURES })).toMatchObject({
      status: 400,
      answer: { detail: 'predictions of toy are not explained here: leave out explain' },
    });
  });
});
