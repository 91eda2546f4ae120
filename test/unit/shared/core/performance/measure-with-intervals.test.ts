import { describe, expect, it } from 'vitest';
import { measureWithIntervals } from '../../../../../shared/core/performance/measure-with-intervals.ts';
import type { MetricName } from '../../../../../shared/core/performance/performance-report.ts';
import reference from '../../../../reference/performance/reference.json' with { type: 'json' };

const CLASSIFICATION = { task: 'binary-classification', threshold: 0.5 } as const;
const REGRESSION = { task: 'regression', threshold: 0.5, quantile: 0.9 } as const;
const NORMAL_95 = 1.959963984540054;

const classified = (count = reference.label.length) => ({
  labels: reference.label.slice(0, count),
  predictions: reference.chance.slice(0, count),
  days: reference.days.slice(0, count),
});

describe('measureWithIntervals', () => {
  it('equals scikit-learn on a classification with ties', () => {
    const { metrics } = measureWithIntervals(classified(), CLASSIFICATION);

    for (const [name, { value }] of Object.entries(reference.classification))
      expect(metrics[name as MetricName]?.value, name).toBeCloseTo(value, 9);
  });

  it('equals scikit-learn on a regression', () => {
    const rows = { labels: reference.target, predictions: reference.guess, days: reference.days };

    const { metrics } = measureWithIntervals(rows, REGRESSION);

    for (const [name, { value }] of Object.entries(reference.regression))
      expect(metrics[name as MetricName]?.value, name).toBeCloseTo(value, 9);
  });

  it.each(['auc', 'logLoss', 'brier', 'accuracy'] as const)('has the interval by days of NumPy: %s', (name) => {
    const { intervalBy, dayCount, metrics } = measureWithIntervals(classified(), CLASSIFICATION);

    const { value, byDays } = reference.classification[name];
    expect([intervalBy, dayCount]).toEqual(['days', 10]);
    expect(metrics[name]?.upper).toBeCloseTo(value + byDays, 9);
    expect(metrics[name]?.lower).toBeCloseTo(value - byDays, 9);
  });

  it.each(['auc', 'logLoss', 'brier'] as const)('takes rows for independent where days are too few: %s', (name) => {
    const rows = { ...classified(), days: reference.days.map((day) => day % 7) };

    const { intervalBy, metrics } = measureWithIntervals(rows, CLASSIFICATION);

    const { value, byRows } = reference.classification[name];
    expect(intervalBy).toBe('rows');
    expect(metrics[name]?.upper).toBeCloseTo(value + NORMAL_95 * byRows, 9);
  });

  it('leaves out what the rows do not have', () => {
    const rows = { labels: [0, 0, 0], predictions: [0.1, 0.2, 0.3], days: [1, 1, 2] };

    const { metrics } = measureWithIntervals(rows, CLASSIFICATION);

    expect(Object.keys(metrics).sort()).toEqual(['accuracy', 'brier', 'calibrationError', 'logLoss']);
  });

  it('has no metrics of no rows', () => {
    expect(measureWithIntervals({ labels: [], predictions: [], days: [] }, CLASSIFICATION)).toEqual({
      rowCount: 0,
      dayCount: 0,
      intervalBy: 'rows',
      metrics: {},
    });
  });

  it('refuses labels and predictions that the task does not allow', () => {
    expect(() => measureWithIntervals({ labels: [2], predictions: [0.5], days: [1] }, CLASSIFICATION)).toThrow(
      'row 0 must have a label of 0 or 1 and a probability, got 2 and 0.5',
    );
    expect(() => measureWithIntervals({ labels: [1], predictions: [Number.NaN], days: [1] }, REGRESSION)).toThrow(
      'row 0 must have a finite label and prediction, got 1 and NaN',
    );
    expect(() => measureWithIntervals({ labels: [1], predictions: [], days: [1] }, REGRESSION)).toThrow(
      'got 1 labels, 0 predictions and 1 days',
    );
  });
});
