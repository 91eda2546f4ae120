import { describe, expect, it } from 'vitest';
import {
  countedProfile,
  detectDrift,
  foldPlan,
  type MonitoredFeature,
  makeProfile,
  type ReferenceProfile,
} from '../../../../../shared/core/monitoring/index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { foldWindow } from '../../../../helpers/folded-window.ts';

type Rows = Parameters<typeof foldWindow>[1];
type WindowRow = Rows['rows'][number];

const START_MS = Date.UTC(2001, 0, 1);
const features: readonly MonitoredFeature[] = [
  { name: 'x', type: 'number', min: 0, max: 99, monitor: 'report' },
  { name: 'c', type: 'category', monitor: 'report' },
  { name: 'weekday', type: 'number', monitor: 'whole-weeks' },
];
const limits = { windowDays: 7, minRows: 500, predictionPsiLimit: 0.2 };
const ROWS_A_DAY = 100;

/** 31 days of 100 rows: x runs through 0…99 each day, the prediction is x / 100. */
const reference = (): ReferenceProfile => {
  const rows = Array.from({ length: 31 * ROWS_A_DAY }, (_, i) => i);
  return makeProfile({
    task: 'binary-classification',
    features,
    columns: new Map<string, Float64Array | readonly string[]>([
      ['x', Float64Array.from(rows, (i) => (i % ROWS_A_DAY === 0 ? Number.NaN : i % ROWS_A_DAY))],
      ['c', rows.map((i) => ['a', 'a', 'b', ''][i % 4] ?? '')],
      ['weekday', Float64Array.from(rows, (i) => Math.floor(i / ROWS_A_DAY) % 7)],
    ]),
    eventAtMs: rows.map((i) => START_MS + Math.floor(i / ROWS_A_DAY) * DAY_MS),
    labels: rows.map((i) => (i % ROWS_A_DAY >= 80 ? 1 : 0)),
    predictions: Float64Array.from(rows, (i) => (i % ROWS_A_DAY) / 100),
    windowDays: 7,
  });
};

const windowOf = (days: number, row: (i: number) => Partial<WindowRow>): Rows => {
  const toMs = START_MS + 45 * DAY_MS;
  const rows = Array.from({ length: days * ROWS_A_DAY }, (_, i): WindowRow => {
    const x = i % ROWS_A_DAY;
    const day = Math.floor(i / ROWS_A_DAY);
    const atMs = toMs - (days - day) * DAY_MS;
    const inputs = { x: x === 0 ? null : x, c: ['a', 'a', 'b', null][i % 4] ?? null, weekday: day % 7 };
    return { predictionId: `p${i}`, atMs, version: 1, inputs, output: x / 100, ...row(i) };
  });
  return { fromMs: toMs - 7 * DAY_MS, toMs, rows };
};
const check = (window: Rows, profile = reference()) => {
  const counted = countedProfile(profile);
  return detectDrift({
    reference: counted,
    window: foldWindow(foldPlan(counted.bins, [], 'captured'), window),
    limits,
  });
};

describe('the drift check', () => {
  it('is within its limit when nothing has changed, and says how often that is so', () => {
    const report = check(windowOf(7, () => ({})));

    expect(report.status).toBe('within-limit');
    expect(report.metrics).toEqual({
      windowRows: 700,
      driftEvidence: expect.closeTo(0, 4),
      predictionPsi: expect.closeTo(0, 4),
      featurePsiMax: expect.closeTo(0, 3),
      missingShareMax: 0.25,
      outOfRangeShareMax: 0,
    });
    expect(report.nullWindows).toEqual({ windowCount: 25, aboveLimitCount: 0, psiMax: expect.closeTo(0, 3) });
    expect(report.reason).toMatch(
      /PSI over 2001-02-08 to 2001-02-14 is 0\.000, within the limit 0\.2 \(of the reference's own 25 windows 0 are above it/,
    );
  });

  it('is above its limit when the predictions move, with the numbers', () => {
    const report = check(windowOf(7, (i) => ({ output: Math.min(0.99, (i % ROWS_A_DAY) / 100 + 0.2) })));

    // The two lowest of ten bins stay empty; the highest holds three times its share.
    expect(report.metrics.predictionPsi).toBeGreaterThan(0.9);
    expect(report.status).toBe('above-limit');
    expect(report.reason).toContain('above the limit 0.2');
    expect(report.metrics.driftEvidence).toBe((report.metrics.predictionPsi ?? 0) / 0.2);
  });

  it('reports features without deciding on them', () => {
    const report = check(windowOf(7, () => ({ inputs: { x: 150, c: 'new', weekday: 1 } })));

    expect(report.status).toBe('within-limit');
    expect(report.comparison.columns[0]).toMatchObject({ name: 'x', outOfRangeShare: 1, missingShare: 0 });
    expect(report.comparison.columns[0]?.meanShift).toBeCloseTo((150 - 50) / 28.58, 2);
    expect(report.metrics.outOfRangeShareMax).toBe(1);
    expect(report.metrics.featurePsiMax).toBeGreaterThan(1);
  });

  it('has not enough evidence below the fewest rows, and publishes nothing but their number', () => {
    const report = check({ ...windowOf(7, () => ({})), rows: windowOf(7, () => ({})).rows.slice(0, 499) });

    expect(report.status).toBe('not-enough-evidence');
    expect(report.reason).toBe('not enough evidence yet: 499 predictions of at least 500');
    expect(report.metrics).toEqual({ windowRows: 499 });
  });

  it('has not enough evidence while most of the window has no traffic yet', () => {
    const few = check(windowOf(4, (i) => ({ predictionId: `a${i}` })));
    const many = Array.from({ length: 2 }, (_, n) => windowOf(4, (i) => ({ predictionId: `${n}-${i}` })).rows).flat();

    const report = check({ ...windowOf(4, () => ({})), rows: many });

    expect(few.status).toBe('not-enough-evidence');
    expect(report.reason).toBe('not enough evidence yet: predictions on 4 days of at least 5');
    expect(check(windowOf(5, () => ({}))).status).toBe('within-limit');
  });

  it('refuses a window that was counted by other bins', () => {
    const counted = countedProfile(reference());
    const other = countedProfile({ ...reference(), features: reference().features.slice(1) });
    const window = foldWindow(
      foldPlan(other.bins, []),
      windowOf(7, () => ({})),
    );

    expect(() => detectDrift({ reference: counted, window, limits })).toThrow(
      `the window must be counted by bins ${counted.bins.id}, got one by ${other.bins.id}`,
    );
  });

  it('says the same of a reference that went through JSON', () => {
    const copy: ReferenceProfile = JSON.parse(JSON.stringify(reference()));
    const window = windowOf(7, () => ({}));

    expect(check(window, copy)).toEqual(check(window));
  });
});
