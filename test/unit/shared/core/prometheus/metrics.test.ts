import { describe, expect, test } from 'vitest';
import {
  count,
  createMetrics,
  type MetricFamily,
  observe,
  SERVING_FAMILIES,
  sumSnapshots,
  writeExposition,
} from '../../../../../shared/core/prometheus/index.ts';

const FAMILIES: readonly MetricFamily[] = [
  { name: 'asked', kind: 'counter', help: 'How often\nasked', labels: ['model'] },
  { name: 'took_seconds', kind: 'histogram', help: 'How long', labels: ['model'], bounds: [0.1, 1] },
  { name: 'held', kind: 'gauge', help: 'How many', labels: [] },
];

describe('the text that Prometheus reads', () => {
  test('counters, gauges and cumulative buckets, as the format writes them', () => {
    const metrics = createMetrics(FAMILIES);
    count(metrics.series('asked', ['a']), 2);
    for (const value of [0.05, 0.1, 0.5, 3]) observe(metrics.series('took_seconds', ['a']), [0.1, 1], value);
    count(metrics.series('held', []), -1);

    expect(writeExposition(FAMILIES, metrics.snapshot())).toBe(`# HELP asked How often\\nasked
# TYPE asked counter
asked{model="a"} 2
# HELP took_seconds How long
# TYPE took_seconds histogram
took_seconds_bucket{model="a",le="0.1"} 2
took_seconds_bucket{model="a",le="1"} 3
took_seconds_bucket{model="a",le="+Inf"} 4
took_seconds_sum{model="a"} 3.65
took_seconds_count{model="a"} 4
# HELP held How many
# TYPE held gauge
held -1
`);
  });

  test('a label value cannot break out of its quotes', () => {
    const metrics = createMetrics(FAMILIES);
    count(metrics.series('asked', ['a"} 9\nasked{model="\\b']));

    expect(writeExposition(FAMILIES, metrics.snapshot())).toContain('asked{model="a\\"} 9\\nasked{model=\\"\\\\b"} 1');
  });

  test('what was never counted has no lines', () => {
    expect(writeExposition(FAMILIES, createMetrics(FAMILIES).snapshot())).toBe('');
  });
});

test('several places add up', () => {
  const places = [1, 2].map((by) => {
    const metrics = createMetrics(FAMILIES);
    count(metrics.series('asked', ['a']), by);
    observe(metrics.series('took_seconds', ['a']), [0.1, 1], 0.5);
    if (by === 2) count(metrics.series('asked', ['b']), 7);
    return metrics.snapshot();
  });

  expect(sumSnapshots(places)).toEqual({
    asked: { '["a"]': [3], '["b"]': [7] },
    took_seconds: { '["a"]': [0, 2, 0, 1] },
    held: {},
  });
});

test('names that never end cost no memory: beyond 5,000 they are counted as one', () => {
  const metrics = createMetrics(FAMILIES);
  for (let i = 0; i < 5_100; i += 1) count(metrics.series('asked', [`m${i}`]));

  const { asked } = metrics.snapshot();
  expect(Object.keys(asked ?? {})).toHaveLength(5_001);
  expect(asked?.['["other"]']).toEqual([100]);
});

test("a server's metrics have the names that dashboards for KServe and Triton ask for", () => {
  const names: readonly string[] = SERVING_FAMILIES.map(({ name }) => name);
  for (const name of ['request_predict_seconds', 'nv_inference_request_success', 'nv_inference_pending_request_count'])
    expect(names).toContain(name);
});

test('a metric that is not declared, or other labels than declared, are a mistake of ours', () => {
  const metrics = createMetrics(FAMILIES);
  expect(() => metrics.series('unknown', [])).toThrow('metric unknown is not declared');
  expect(() => metrics.series('asked', [])).toThrow('metric asked has the labels model');
});
