import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../shared/core/explanation/index.ts';
import { labelDelay } from '../../../../../shared/core/performance/label-delay.ts';
import { HOUR_MS } from '../../../../../shared/kernel/time.ts';
import reference from '../../../../reference/performance/reference.json' with { type: 'json' };

const NOW_MS = 1_000 * HOUR_MS;
const settings = { asOfMs: NOW_MS, horizonHours: 72, matureShare: 0.95 };

/** Share by an age, off the steps of the curve. */
const shareAt = (curve: ReturnType<typeof labelDelay>['curve'], ageHours: number): number =>
  curve.findLast((point) => point.ageHours <= ageHours)?.share ?? 0;

describe('labelDelay', () => {
  it('equals SciPy with censored ages', () => {
    const { hours, ages, times, shares } = reference.kaplanMeier;
    const awaited = ages.map((age, i) => {
      const atMs = NOW_MS - age * HOUR_MS;
      return { atMs, labelledAtMs: atMs + hours[i]! * HOUR_MS };
    });

    const { curve } = labelDelay(awaited, settings);

    for (const [i, time] of times.entries()) expect(shareAt(curve, time)).toBeCloseTo(shares[i]!, 12);
  });

  it('finds the delay of labels from a service that has just begun, where counting would make them look fast', () => {
    const random = seededRandom(1);
    const awaited = Array.from({ length: 20_000 }, () => {
      const atMs = NOW_MS - random() * 100 * HOUR_MS;
      return { atMs, labelledAtMs: atMs + (random() < 0.8 ? random() * 48 * HOUR_MS : 1_000 * HOUR_MS) };
    });

    const { curve, everShare, matureAfterHours } = labelDelay(awaited, settings);

    expect(shareAt(curve, 24)).toBeCloseTo(0.4, 1);
    expect(everShare).toBeCloseTo(0.8, 1);
    expect(matureAfterHours).toBeGreaterThanOrEqual(45);
    expect(matureAfterHours).toBeLessThanOrEqual(47);
  });

  it('takes all labels to come until some prediction is as old as the horizon', () => {
    const young = Array.from({ length: 100 }, (_, i) => ({
      atMs: NOW_MS - 71 * HOUR_MS,
      labelledAtMs: i < 10 ? NOW_MS - 70 * HOUR_MS : undefined,
    }));

    const before = labelDelay(young, settings);
    const after = labelDelay(young, { ...settings, asOfMs: NOW_MS + HOUR_MS });

    expect(before.everShare).toBe(1);
    expect(before.matureAfterHours).toBeUndefined();
    expect(after.everShare).toBeCloseTo(0.1, 9);
    expect(after.matureAfterHours).toBe(2);
  });

  it('does not know yet of labels that are received after the check', () => {
    const awaited = [{ atMs: NOW_MS - 5 * HOUR_MS, labelledAtMs: NOW_MS + 1 }];

    expect(labelDelay(awaited, settings)).toMatchObject({ predictionCount: 1, labelledCount: 0, curve: [] });
  });

  it('has no shares of nothing', () => {
    expect(labelDelay([], settings)).toMatchObject({ predictionCount: 0, curve: [], everShare: 1 });
  });
});
