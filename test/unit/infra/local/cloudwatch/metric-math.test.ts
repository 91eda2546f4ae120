import { describe, expect, it } from 'vitest';
import { checkMath, evaluateMath, type TimeSeries } from '../../../../../infra/local/cloudwatch/metric-math.ts';

const METRICS: Readonly<Record<string, TimeSeries>> = {
  errors: new Map([
    [0, 1],
    [60, 4],
  ]),
  calls: new Map([
    [0, 10],
    [60, 0],
    [120, 5],
  ]),
};

const evaluate = (expression: string): number | Record<string, number> => {
  const value = evaluateMath(expression, {
    resolve: (id) => METRICS[id] ?? Number.NaN,
    metrics: () => Object.values(METRICS),
    timestamps: [0, 60, 120],
  });
  return typeof value === 'number' ? value : Object.fromEntries(value);
};

describe('metric math', () => {
  it.each<[expression: string, expected: number | Record<string, number>]>([
    ['1 + 2 * 3 ^ 2', 19],
    ['-(1 - 4) / 2', 1.5],
    ['errors / calls', { 0: 0.1 }],
    ['100 * errors', { 0: 100, 60: 400 }],
    ['FILL(errors, 0) / calls', { 0: 0.1, 120: 0 }],
    ['FILL(errors, REPEAT)', { 0: 1, 60: 4, 120: 4 }],
    ['IF(calls > 4, errors, 0)', { 0: 1, 60: 0 }],
    ['IF(calls > 4 AND calls < 8, 1, 0)', { 0: 0, 60: 0, 120: 1 }],
    ['SUM(calls)', 15],
    ['SUM([errors, calls])', { 0: 11, 60: 4, 120: 5 }],
    ['SUM(METRICS())', { 0: 11, 60: 4, 120: 5 }],
    ['MAX([errors, calls])', { 0: 10, 60: 4, 120: 5 }],
    ['ABS(0 - errors)', { 0: 1, 60: 4 }],
  ])('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });

  it.each([
    ['ANOMALY_DETECTION_BAND(errors)', 'ANOMALY_DETECTION_BAND'],
    ['SEARCH("{AWS/Lambda}", "Sum")', 'SEARCH'],
    ['FILL(errors, LINEAR)', 'LINEAR'],
    ['errors +', 'end'],
    ['errors calls', 'calls'],
    ['missing + 1', 'missing'],
    ['METRICS() * 2', 'array'],
  ])('refuses %s, naming %s', (expression, name) => {
    expect(() => checkMath(expression, new Set(['errors', 'calls']))).toThrow(name);
  });
});
