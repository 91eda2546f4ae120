import { describe, expect, it } from 'vitest';
import {
  countedProfile,
  foldPlan,
  makeProfile,
  type ProfileInput,
} from '../../../../../shared/core/monitoring/index.ts';
import { populationStabilityIndex } from '../../../../../shared/core/statistics/population-stability-index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { foldWindow } from '../../../../helpers/folded-window.ts';

const START_MS = Date.UTC(2001, 0, 1);
const profileOf = (change: Partial<ProfileInput>) =>
  makeProfile({
    task: 'regression',
    features: [],
    columns: new Map(),
    eventAtMs: Array.from({ length: 20 }, (_, i) => START_MS + i * DAY_MS),
    labels: new Float64Array(20).fill(3),
    predictions: Float64Array.from({ length: 20 }, (_, i) => i),
    windowDays: 7,
    ...change,
  });

describe('the reference profile', () => {
  it('counts a number by deciles, missing and out of range, ties in one bin', () => {
    const x = Float64Array.from({ length: 20 }, (_, i) => (i < 12 ? 0 : i === 19 ? Number.NaN : i));

    const [feature] = profileOf({
      features: [{ name: 'x', type: 'number', max: 17, monitor: 'report' }],
      columns: new Map([['x', x]]),
    }).features;

    expect(feature).toEqual({
      name: 'x',
      type: 'number',
      monitor: 'report',
      max: 17,
      rowCount: 20,
      missingCount: 1,
      outOfRangeCount: 1,
      // Twelve of nineteen known values are zero: the deciles up to the sixth coincide.
      edges: [0, 13, 15, 17],
      counts: [12, 2, 2, 2, 1],
      mean: expect.closeTo(105 / 19, 9),
      standardDeviation: expect.any(Number),
    });
  });

  it('names the most frequent categories and keeps the rest together', () => {
    const c = Array.from({ length: 200 }, (_, i) =>
      i < 100 ? 'z' : i < 103 ? '' : `c${String(i - 103).padStart(3, '0')}`,
    );
    const many = {
      eventAtMs: new Float64Array(200).fill(START_MS),
      labels: new Float64Array(200),
      predictions: new Float64Array(200),
    };

    const [feature] = profileOf({
      ...many,
      features: [{ name: 'c', type: 'category', monitor: 'report' }],
      columns: new Map([['c', c]]),
    }).features;

    expect(feature).toMatchObject({ missingCount: 3, rowCount: 200 });
    expect(feature?.type === 'category' && feature.categories.slice(0, 3)).toEqual(['z', 'c000', 'c001']);
    expect(feature?.counts).toHaveLength(51);
    expect([feature?.counts[0], feature?.counts.at(-1)]).toEqual([100, 48]);
  });

  it('profiles calendar features over the newest whole weeks, and compares them so', () => {
    const weekday = Float64Array.from({ length: 20 }, (_, i) => i % 7);

    const profile = profileOf({
      features: [{ name: 'weekday', type: 'number', monitor: 'whole-weeks' }],
      columns: new Map([['weekday', weekday]]),
    });
    const rows = Array.from({ length: 10 }, (_, i) => ({
      predictionId: `${i}`,
      atMs: START_MS + i * DAY_MS,
      version: 1,
      inputs: { weekday: i % 7 },
      output: 1,
    }));
    const plan = foldPlan(countedProfile(profile).bins, [], 'captured');
    const window = foldWindow(plan, { fromMs: START_MS, toMs: START_MS + 10 * DAY_MS, rows });

    expect(profile.features[0]?.rowCount).toBe(14);
    expect(profile.features[0]?.counts).toEqual([2, 2, 2, 2, 2, 2, 2]);
    expect([...(window.weeks.columns[0]?.counts ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it("compares each of the reference's own windows with the rest of it", () => {
    // Days 0 to 9, two rows each: a constant low answer, except for high ones on the last two days.
    const eventAtMs = Array.from({ length: 20 }, (_, i) => START_MS + Math.floor(i / 2) * DAY_MS);
    const predictions = Float64Array.from({ length: 20 }, (_, i) => (i < 16 ? 0 : 1));

    const { nullWindows, prediction } = profileOf({ eventAtMs, predictions, windowDays: 2 });

    expect(prediction).toMatchObject({ edges: [0], counts: [16, 4] });
    expect(nullWindows.predictionPsi).toHaveLength(9);
    expect(nullWindows.predictionPsi[0]).toBe(populationStabilityIndex([12, 4], [4, 0]));
    expect(nullWindows.predictionPsi[8]).toBe(populationStabilityIndex([16, 0], [0, 4]));
  });

  it('has no windows of its own when it is no longer than one', () => {
    expect(profileOf({ windowDays: 20 }).nullWindows.predictionPsi).toEqual([]);
  });

  it('refuses no rows and columns of unequal length', () => {
    expect(() => profileOf({ eventAtMs: [] })).toThrow('at least one row');
    expect(() => profileOf({ predictions: [1] })).toThrow('predictions must have 20 values, got 1');
    expect(() => profileOf({ features: [{ name: 'x', type: 'number', monitor: 'report' }] })).toThrow(
      'feature x must have 20 values, got none',
    );
  });
});
