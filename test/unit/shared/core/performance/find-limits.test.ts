import { describe, expect, it } from 'vitest';
import { findLimits } from '../../../../../shared/core/performance/find-limits.ts';
import type { MetricValues } from '../../../../../shared/core/performance/index.ts';

const settings = {
  task: 'binary-classification',
  windowDays: 8,
  minRows: 100,
  automaticLimits: true,
  limits: [],
} as const;
const day = '2001-02-10';
const row = (metrics: MetricValues) =>
  [{ slice: 'all', rowCount: 1_000, dayCount: 8, intervalBy: 'days', metrics }] as const;
const reference = {
  schemaVersion: 1,
  rowCount: 1_000,
  metrics: { logLoss: 0.5, auc: 0.8 },
  days: [0.48, 0.5, 0.52].map((logLoss, i) => ({
    day: `2001-01-0${i + 1}`,
    rowCount: 300,
    metrics: { logLoss, auc: 0.8 },
    conceptGap: 0,
  })),
} as const;

describe('findLimits', () => {
  it('draws limits from the reference: its prediction bound, and no less than a change that matters', () => {
    const quality = row({
      logLoss: { value: 0.6, lower: 0.59, upper: 0.61 },
      auc: { value: 0.8, lower: 0.79, upper: 0.81 },
    });

    const limits = findLimits(quality, settings, { reference, previous: [], day });

    // t(0.99, 2 degrees) = 6.9646, deviation 0.02, √(1/3 + 1/8)
    expect(limits[0]).toMatchObject({ metric: 'logLoss', worse: 'above', source: 'reference', crossed: false });
    expect(limits[0]?.limit).toBeCloseTo(0.5 + 6.9646 * 0.02 * Math.sqrt(1 / 3 + 1 / 8), 4);
    expect(limits[1]).toMatchObject({ metric: 'auc', worse: 'below', limit: 0.78, crossed: false });
  });

  it('is crossed by the whole interval only, and remembers since when', () => {
    const declared = {
      ...settings,
      automaticLimits: false,
      limits: [{ metric: 'auc', slice: 'all', below: 0.7 }],
    } as const;
    const find = (upper: number, previous: Parameters<typeof findLimits>[2]['previous'] = []) =>
      findLimits(row({ auc: { value: 0.65, lower: 0.6, upper } }), declared, { previous, day });

    const [noise] = find(0.71);
    const [begun] = find(0.69);
    const [goesOn] = findLimits(row({ auc: { value: 0.65, lower: 0.6, upper: 0.69 } }), declared, {
      previous: [begun!],
      day: '2001-02-11',
    });

    expect(noise).toMatchObject({ crossed: false, limit: 0.7 });
    expect(noise?.since).toBeUndefined();
    expect(begun).toMatchObject({ crossed: true, since: day });
    expect(begun?.message).toBe('auc 0.65 (0.6 to 0.69) lies below the declared limit 0.7');
    expect(goesOn?.since).toBe(day);
    expect(find(0.69, [noise!])[0]?.since).toBe(day);
  });

  it('judges nothing of too few rows, of a metric that is absent, or without an interval', () => {
    const declared = { ...settings, limits: [{ metric: 'f1', slice: 'all', below: 0.7 }] } as const;

    expect(findLimits(row({}), declared, { previous: [], day })).toEqual([]);
    expect(findLimits(row({ f1: { value: 0.1 } }), declared, { previous: [], day })[0]?.crossed).toBe(false);
    const few = [{ ...row({ f1: { value: 0.1, lower: 0, upper: 0.2 } })[0], rowCount: 99 }];
    expect(findLimits(few, declared, { previous: [], day })).toEqual([]);
  });
});
