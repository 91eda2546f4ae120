import { describe, expect, it } from 'vitest';
import type { ServableModel } from '../../../../../shared/core/inference/index.ts';
import { asking, createTestHost, TEST_MODELS, toyTensors } from '../../../../helpers/inference-models.ts';

const ask = asking();

describe('a prediction by feature name', () => {
  const predict = (body: unknown, host = createTestHost()) => asking(host)({ path: '/models/toy/predict', body });
  const features = { x: 0.25, share: null, kind: 'a' };

  it('answers one row as itself and rows as a list, under their own ids', async () => {
    const one = await predict({ features, predictionId: 'mine' });
    const many = await predict({
      instances: [{ features: { ...features, share: 1 } }, { features, predictionId: 'b' }],
    });

    expect(one.json).toEqual({ model: 'toy', version: 3, predictionId: 'mine', probability: 0.5 });
    expect(many.json).toEqual({
      model: 'toy',
      version: 3,
      predictions: [
        { predictionId: 'request-0', probability: 0.25 },
        { predictionId: 'b', probability: 0.5 },
      ],
    });
  });

  it.each([
    ['nothing', '', /body\.features must be an object of feature values by name, got nothing/],
    ['null', 'null', /the body must be a JSON object \{features\} or \{instances\}, got null/],
    ['missing features', { features: { x: 1 } }, /body\.features lacks share, kind/],
    ['an extra feature', { features: { ...features, y: 1 } }, /unknown key "y"; allowed: x, share, kind/],
    ['__proto__ as a feature', '{"features":{"x":1,"share":1,"__proto__":"a"}}', /lacks kind/],
    [
      'a wrong row',
      { instances: [{ features }, { features: { ...features, x: 'a' } }] },
      /instances\[1\]\.features\.x must be a finite number/,
    ],
    ['no rows', { instances: [] }, /list of 1 to 500 rows, got 0/],
    ['a row that is none', { instances: [1] }, /instances\[0\] must be an object \{features, predictionId\?\}, got 1/],
    [
      'an unknown key',
      { features, entities: {} },
      /body has the unknown key "entities"; allowed: features, predictionId/,
    ],
    ['an odd id', { features, predictionId: 'a b' }, /body\.predictionId must match .*got "a b"/],
    ['endless text', { features: { ...features, kind: 'a'.repeat(4_097) } }, /text of at most 4096 characters/],
  ])('with %s is refused as a problem', async (_name, body, says) => {
    const { status, headers, json } = await predict(body);

    expect({ status, type: headers['content-type'] }).toEqual({ status: 400, type: 'application/problem+json' });
    expect(json).toEqual({
      type: 'about:blank',
      title: 'INVALID_PARAMETER_VALUE',
      status: 400,
      detail: expect.stringMatching(says),
    });
  });

  it('is completed by what is kept of its entities', async () => {
    const host = createTestHost({
      completeRows: async (_model, rows) =>
        rows.map((row) => ({
          features: { ...features, ...row.features, kind: String(row.entities?.airport ?? 'z') },
          online: { seen: row.values?.at },
        })),
    });

    const rows = [
      { entities: { airport: 'ORD' }, values: { at: 7 } },
      { features, entities: { airport: 'LAX' } },
    ];
    const { status } = await predict({ instances: rows }, host);

    expect(status).toBe(200);
    expect(host.captured[0]?.inputs[2]?.data).toEqual(['ORD', 'LAX']);
    expect(host.captured[0]?.completed?.map(({ online }) => online)).toEqual([{ seen: 7 }, { seen: undefined }]);
  });

  it.each([
    ['entities that are none', { entities: [] }, /body\.entities must be an object, got \[\]/],
    ['what the entities do not complete', { entities: {} }, /body\.features lacks x, share, kind/],
    ['neither features nor entities', {}, /body\.features must be an object/],
  ])('with %s is refused', async (_name, body, says) => {
    const host = createTestHost({ completeRows: (_model, rows) => rows.map(() => ({ features: {} })) });

    expect((await predict(body, host)).json).toMatchObject({ detail: expect.stringMatching(says) });
  });

  it('reaches the model in the order of its own inputs, whatever that of its signature is', async () => {
    const toy = TEST_MODELS[0] as ServableModel;
    let taken: readonly string[] = [];
    const reversed: ServableModel = {
      ...toy,
      inputs: toy.inputs.toReversed(),
      run: (inputs) => {
        taken = inputs.map(({ name }) => name);
        return toy.run(inputs.toReversed());
      },
    };
    const host = createTestHost({}, [reversed]);

    for (const [path, body] of [
      ['/models/toy/predict', { features }],
      ['/models/toy/invocations', { dataframe_records: [features] }],
      ['/v2/models/toy/infer', { inputs: toyTensors() }],
    ] as const) {
      const { status } = await asking(host)({ path, body });

      expect({ path, status, taken }).toEqual({ path, status: 200, taken: ['kind', 'share', 'x'] });
    }
  });

  it('is for models with features', async () => {
    const { status, json } = await ask({ path: '/models/scalar/predict', body: { features } });

    expect(status).toBe(400);
    expect(json).toMatchObject({
      detail: expect.stringMatching(/scalar has no features by name: .*\/v2\/models\/scalar\/infer/),
    });
  });
});
