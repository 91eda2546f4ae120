import { describe, expect, it } from 'vitest';
import { embeddedMetrics } from '../../../../../infra/local/logs/embedded-metrics.ts';

const line = (directive: object, members: object): string =>
  JSON.stringify({ _aws: { Timestamp: 5, CloudWatchMetrics: [directive] }, ...members });
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);

describe('a line in the embedded metric format', () => {
  it('gives a metric for each value and each set of dimensions', () => {
    const directive = {
      Namespace: 'Millrace',
      Dimensions: [['Model'], []],
      Metrics: [{ Name: 'Latency', Unit: 'Milliseconds' }],
    };

    const { metrics, errorCount } = embeddedMetrics(line(directive, { Model: 'births', Latency: [1, 2] }));

    expect(errorCount).toBe(0);
    expect(metrics.map(({ dimensions, value, unit, atMs }) => [dimensions, value, unit, atMs])).toEqual([
      [{ Model: 'births' }, 1, 'Milliseconds', 5],
      [{ Model: 'births' }, 2, 'Milliseconds', 5],
      [{}, 1, 'Milliseconds', 5],
      [{}, 2, 'Milliseconds', 5],
    ]);
  });

  it.each([
    ['101 metrics', { Namespace: 'N', Metrics: names(101).map((Name) => ({ Name })) }, {}],
    ['31 dimensions', { Namespace: 'N', Dimensions: [names(31)], Metrics: [{ Name: 'm' }] }, { m: 1 }],
    ['101 values', { Namespace: 'N', Metrics: [{ Name: 'm' }] }, { m: names(101).map(() => 1) }],
    ['no namespace', { Metrics: [{ Name: 'm' }] }, { m: 1 }],
  ])('with %s gives none, and counts as an error', (_what, directive, members) => {
    expect(embeddedMetrics(line(directive, members))).toEqual({ metrics: [], errorCount: 1 });
  });

  it('that only looks like one gives nothing', () => {
    for (const message of ['plain', '{"_aws":1}', '{"_aws":{"CloudWatchMetrics":[]}}']) {
      expect(embeddedMetrics(message)).toEqual({ metrics: [], errorCount: 0 });
    }
  });
});
