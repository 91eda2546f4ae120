import { describe, expect, it } from 'vitest';
import { decodeGroundTruth } from '../../../../../shared/core/inference/index.ts';

describe('decodeGroundTruth', () => {
  const limits = { task: 'binary-classification', nowMs: 1_000_000_000_000 } as const;

  it('takes one label or many', () => {
    const body = {
      labels: [
        { predictionId: 'a', label: 1, knownAt: '2001-02-01T00:00:00Z' },
        { predictionId: 'b', label: 0 },
      ],
    };

    expect(decodeGroundTruth(body, limits)).toEqual([
      { predictionId: 'a', label: 1, knownAtMs: 980_985_600_000 },
      { predictionId: 'b', label: 0, knownAtMs: 1_000_000_000_000 },
    ]);
  });

  it('takes what a caller whose clock is ahead knows as known now', () => {
    const body = { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:40Z' };

    expect(decodeGroundTruth(body, limits)).toEqual([{ predictionId: 'a', label: 1, knownAtMs: 1_000_000_000_000 }]);
  });

  it('takes the declared KPIs of a label, and no others', () => {
    const body = { predictionId: 'a', label: 1, kpis: { refund: 12.5 } };

    expect(decodeGroundTruth(body, { ...limits, kpis: ['refund'] })).toEqual([
      { predictionId: 'a', label: 1, knownAtMs: 1_000_000_000_000, kpis: { refund: 12.5 } },
    ]);
    expect(() => decodeGroundTruth(body, { ...limits, kpis: ['minutes'] })).toThrow(
      'body.kpis has the unknown name "refund"; allowed: minutes',
    );
    expect(() => decodeGroundTruth(body, limits)).toThrow('allowed: none, as the model declares no KPIs');
    expect(() => decodeGroundTruth({ ...body, kpis: { refund: '1' } }, { ...limits, kpis: ['refund'] })).toThrow(
      'body.kpis.refund must be a finite number, got "1"',
    );
    expect(() => decodeGroundTruth({ ...body, kpis: [1] }, limits)).toThrow('must be an object of numbers by name');
  });

  it.each([
    ['a share as a class', { predictionId: 'a', label: 0.5 }, /label must be 0 or 1, got 0\.5/],
    ['text', { predictionId: 'a', label: 'late' }, /got "late"/],
    ['the future', { predictionId: 'a', label: 1, knownAt: '2101-01-01T00:00:00Z' }, /not in the future/],
    ['more than five minutes ahead', { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:41Z' }, /future/],
    ['no id', { label: 1 }, /predictionId must be/],
    ['an empty list', { labels: [] }, /list of 1 to 500, got 0/],
  ])('refuses %s', (_name, body, message) => {
    expect(() => decodeGroundTruth(body, limits)).toThrow(message);
  });
});
