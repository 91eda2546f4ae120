import { describe, expect, it } from 'vitest';
import { newestMetric, withMetrics } from '../../../../../shared/core/logged-models/index.ts';
import type { LoggedModel, MetricPoint } from '../../../../../shared/core/tracking/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const model: LoggedModel = {
  modelId: 'm-1',
  experimentId: '7',
  name: 'net',
  createdAtMs: 1,
  updatedAtMs: 1,
  artifactUri: 'mlflow-artifacts:/7/models/m-1/artifacts',
  status: 'LOGGED_MODEL_READY',
  lifecycleStage: 'active',
  params: {},
  tags: {},
  metrics: [],
  registrations: [],
};
const point = (fields: Partial<MetricPoint> = {}): MetricPoint => ({
  key: 'loss',
  value: 1,
  timestampMs: 5,
  step: 1,
  modelId: 'm-1',
  ...fields,
});

describe('metrics of a logged model', () => {
  it('are the newest point of each key, run and dataset', () => {
    const first = withMetrics(model, [point(), point({ key: 'other' }), point({ datasetName: 'd' })], 'r');
    const second = withMetrics(first, [point({ step: 2, value: 3 }), point({ step: 0, value: 9 })], 'r');
    const third = withMetrics(second, [point({ value: 7 })], 'another run');

    expect(third.metrics.map(({ key, value, runId, datasetName }) => [key, value, runId, datasetName])).toEqual([
      ['loss', 3, 'r', undefined],
      ['other', 1, 'r', undefined],
      ['loss', 1, 'r', 'd'],
      ['loss', 7, 'another run', undefined],
    ]);
  });

  it('are not those of other models, or of none', () => {
    const { modelId: _, ...ofNone } = point();

    expect(withMetrics(model, [point({ modelId: 'm-2' }), ofNone], 'r')).toBe(model);
  });

  it('are finite or NaN, and NaN gives way to any number of its moment', () => {
    const nan = withMetrics(model, [point({ value: Number.NaN })], 'r');

    expect(nan.metrics[0]?.value).toBeNaN();
    expect(withMetrics(nan, [point({ value: -1 })], 'r').metrics[0]?.value).toBe(-1);
    expect(withMetrics(model, [point({ value: Number.NEGATIVE_INFINITY })], 'r').metrics[0]?.value).toBe(
      -Number.MAX_VALUE,
    );
  });

  it('come out the same in whatever order and portions the points come, and however often', () => {
    const anyPoint = fc.record({
      key: fc.constantFrom('a', 'b'),
      value: fc.constantFrom(0, 1, -1, Number.NaN),
      timestampMs: fc.integer({ min: 0, max: 2 }),
      step: fc.integer({ min: -1, max: 1 }),
      modelId: fc.constant('m-1'),
    });
    const sorted = (given: LoggedModel) => given.metrics.map((metric) => JSON.stringify(metric)).sort();
    fc.assert(
      fc.property(fc.array(anyPoint, { maxLength: 8 }), fc.nat(8), (points, cut) => {
        const atOnce = withMetrics(model, points, 'r');
        const reversed = withMetrics(withMetrics(model, points.slice(cut).reverse(), 'r'), points.slice(0, cut), 'r');

        expect(sorted(reversed)).toEqual(sorted(atOnce));
        expect(withMetrics(reversed, points, 'r')).toBe(reversed);
      }),
    );
  });

  it('are told apart by whoever asks for the newest of some', () => {
    const known = withMetrics(model, [point({ value: 2, step: 2 }), point({ value: 1, datasetName: 'd' })], 'r');

    expect(newestMetric(known, ({ key }) => key === 'loss')?.value).toBe(2);
    expect(newestMetric(known, ({ datasetName }) => datasetName === 'd')?.value).toBe(1);
    expect(newestMetric(known, () => false)).toBeUndefined();
  });
});
