import { describe, expect, it } from 'vitest';
import { calibrateDrift, checkDrift } from '../../../../../shared/core/drift/index.ts';
import {
  type CapturedPrediction,
  compareWindow,
  countedTraining,
  decideWindow,
  decodeReference,
  detectDrift,
  encodeReference,
  foldPlan,
  type MonitoredFeature,
  makeProfile,
  makeTrainingReference,
} from '../../../../../shared/core/monitoring/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../../../../shared/kernel/time.ts';
import { foldWindow } from '../../../../helpers/folded-window.ts';

const START_MS = Date.UTC(2001, 0, 1);
const DAYS = 28;
const ROWS_A_DAY = 96;
const features: readonly MonitoredFeature[] = [
  { name: 'x', type: 'number', min: 0, max: 1, monitor: 'report' },
  { name: 'c', type: 'category', monitor: 'report' },
  { name: 'weekday', type: 'number', monitor: 'whole-weeks' },
];
const slices = [{ name: 'seventh', where: { feature: 'c', equals: 'c0' } }];

/** Sevenths are no float32: rows must be counted as they will be captured. */
const rowsOf = (from: number, dayCount: number, shift = 0) =>
  Array.from({ length: dayCount * ROWS_A_DAY }, (_, i) => {
    const day = from + Math.floor(i / ROWS_A_DAY);
    const n = (i * 5 + day * 11) % ROWS_A_DAY;
    const x = Math.min(1, (n % 7) / 7 + shift);
    return {
      atMs: START_MS + day * DAY_MS + (i % 24) * HOUR_MS,
      x,
      c: `c${n % 7}`,
      weekday: day % 7,
      prediction: Math.fround(Math.min(1, n / ROWS_A_DAY + shift)),
    };
  });

const rows = rowsOf(0, DAYS);
const columns = new Map<string, Float64Array | readonly string[]>([
  ['x', Float64Array.from(rows, ({ x }) => x)],
  ['c', rows.map(({ c }) => c)],
  ['weekday', Float64Array.from(rows, ({ weekday }) => weekday)],
]);
const eventAtMs = rows.map(({ atMs }) => atMs);
const predictions = Float32Array.from(rows, ({ prediction }) => prediction);
const make = (blockDays = 1) => makeTrainingReference({ features, columns, eventAtMs, predictions, blockDays, slices });
const daily = make();
const calibrations = new Map(
  [1, 7].map((blockDays) => [blockDays, calibrateDrift({ ...daily, blockDays }, { windowDays: 7 })]),
);
const profile = makeProfile({
  task: 'binary-classification',
  features,
  columns,
  eventAtMs,
  predictions,
  labels: rows.map(({ x }) => (x > 0.5 ? 1 : 0)),
  windowDays: 7,
});

/** As a caller gets it back: the shortest digits of the float32. */
const captured = (value: number): number => Number(Math.fround(value).toPrecision(8));
const windowOf = (reference: ReturnType<typeof make>, shift: number) =>
  foldWindow(foldPlan(reference.bins, reference.slices), {
    fromMs: START_MS + DAYS * DAY_MS,
    toMs: START_MS + (DAYS + 7) * DAY_MS,
    rows: rowsOf(DAYS, 7, shift).map(
      ({ atMs, x, c, weekday, prediction }, i): Omit<CapturedPrediction, 'kind'> => ({
        predictionId: `p${i}`,
        atMs,
        version: 1,
        inputs: { x: captured(x), c, weekday },
        output: captured(prediction),
      }),
    ),
  });

describe('the reference of a training', () => {
  it('is the same bytes for the same rows, and comes back from them', () => {
    const bytes = encodeReference(daily);

    expect(encodeReference(make())).toEqual(bytes);
    const found = decodeReference(bytes);
    expect(encodeReference(found)).toEqual(bytes);
    expect(found.bins.id).toBe(daily.bins.id);
  });

  it('holds every row once: by day, by hour, and in the slices it belongs to', () => {
    const { whole, days, hours = [] } = daily;

    expect(whole.rowCount).toBe(rows.length);
    expect(days.map(({ day }) => day)).toEqual(Array.from({ length: DAYS }, (_, i) => utcDay(START_MS + i * DAY_MS)));
    expect(days.every((one) => one.profile.rowCount === ROWS_A_DAY)).toBe(true);
    expect(days[0]?.rowsByHour).toEqual(new Array(24).fill(4));
    expect(hours.map(({ rowCount }) => rowCount)).toEqual(new Array(24).fill(4 * DAYS));
    const sliced = days.reduce((sum, one) => sum + (one.slices?.seventh?.rowCount ?? 0), 0);
    expect(sliced).toBe(rows.filter(({ c }) => c === 'c0').length);
  });

  it('refuses no rows', () => {
    expect(() =>
      makeTrainingReference({ features, columns, eventAtMs: [], predictions: [], blockDays: 1, slices }),
    ).toThrow('a drift reference needs at least one row, got 0');
  });

  it('keeps the newest 400 days of longer ones, and the bins and the whole of all', () => {
    const long = Array.from({ length: 500 }, (_, i) => START_MS + i * DAY_MS);

    const reference = makeTrainingReference({
      features: [],
      columns: new Map(),
      eventAtMs: long,
      predictions: long.map((_, i) => i),
      blockDays: 1,
      slices: [],
    });

    expect(reference.days).toHaveLength(400);
    expect(reference.days[0]?.day).toBe(utcDay(START_MS + 100 * DAY_MS));
    expect(reference.whole.rowCount).toBe(500);
    expect(reference.hours).toBeUndefined();
  });
});

describe('a window against the reference of a training', () => {
  it('has no drift where the same rows come back by the digits of float32', () => {
    const reference = daily;

    const found = compareWindow(reference, countedTraining(reference, profile), windowOf(reference, 0), { minRows: 1 });

    expect(found.columns.map(({ name }) => name)).toEqual(['x', 'c', 'weekday', '@prediction']);
    for (const { psi, drifted } of found.columns) {
      expect(psi).toBeLessThan(0.01);
      expect(drifted).toBe(false);
    }
    expect(found.quality).toEqual([]);
    expect(found.days).toHaveLength(7);
    expect(Object.keys(found.days[0]?.psi ?? {})).toEqual(['x', 'c', '@prediction']);
    expect(found.slices).toMatchObject([{ name: 'seventh' }]);
  });

  it('tells what moved, where, and by how much', () => {
    const reference = daily;

    const { columns: found } = compareWindow(reference, countedTraining(reference, profile), windowOf(reference, 0.2), {
      minRows: 1,
    });

    const moved = found.filter(({ drifted }) => drifted).map(({ name }) => name);
    expect(moved).toEqual(['x', '@prediction']);
    const [x] = found;
    expect(x?.bins.reference.reduce((sum, count) => sum + count, 0)).toBe(rows.length);
    expect(x?.bins.window.reduce((sum, count) => sum + count, 0)).toBe(7 * ROWS_A_DAY);
  });

  const decide = (blockDays: number, shift: number, minRows = 500) => {
    const reference = { ...daily, blockDays };
    const window = windowOf(reference, shift);
    const counted = countedTraining(reference, profile);
    const floor = detectDrift({
      reference: counted,
      window,
      limits: { windowDays: 7, minRows, predictionPsiLimit: 0.2 },
    });
    const calibration = calibrations.get(blockDays)!;
    const days = window.days.map(({ day, slices: found, rowsByHour }) => ({
      day,
      profile: found.get('all')!,
      slices: { seventh: found.get('seventh')! },
      rowsByHour,
    }));
    return decideWindow(floor, { calibration, check: checkDrift({ calibration, days }).check });
  };

  it('is judged by the limit where one is calibrated', () => {
    const calm = decide(1, 0);
    const moved = decide(1, 0.2);

    expect(calm).toMatchObject({ status: 'within-limit', decision: { mode: 'calibrated', falseAlarmsPerYear: 1 } });
    expect(calm.metrics.driftEvidence).toBeLessThan(1);
    expect(moved).toMatchObject({ status: 'above-limit', decision: { mode: 'calibrated', episode: { ended: false } } });
    expect(moved.metrics.driftEvidence).toBeGreaterThanOrEqual(1);
    expect(moved.decision.columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['x', '@prediction']));
  });

  it('is judged by the floor where the reference has too few blocks, and says so', () => {
    const moved = decide(7, 0.2);

    expect(moved.decision).toMatchObject({ mode: 'floor', limit: 0.2, findings: [] });
    expect(moved.decision.statement).toMatch(/^limit not calibrated: the reference has 4 blocks of 7 days/);
    expect(moved.metrics.driftEvidence).toBe((moved.metrics.predictionPsi ?? 0) / 0.2);
  });

  it('decides nothing on too few rows, whatever they say', () => {
    expect(decide(1, 0.2, 1_000)).toMatchObject({ status: 'not-enough-evidence', metrics: { windowRows: 672 } });
    expect(decide(1, 0.2, 1_000).metrics.driftEvidence).toBeUndefined();
  });
});
