import type { DriftFacts } from '../../shared/core/pages/index.ts';
import {
  type BinnedColumn,
  compareProfiles,
  createTableProfiler,
  makeTableBins,
  mergeProfiles,
  type TableBins,
  type TableProfile,
} from '../../shared/core/profiles/index.ts';
import { populationStabilityIndex } from '../../shared/core/statistics/population-stability-index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { drawsOf } from '../helpers/judged-rollouts.ts';

/** Drift reports of three weeks, drawn by a seed and counted by the real profiles: the wind picks up in the last week. */

export const DRIFT_FIRST_MS = Date.UTC(2026, 10, 1);
export const DRIFT_DAYS = 21;
const ROWS_A_DAY = 300;
const WINDOW_DAYS = 7;
const REFERENCE_DAYS = 9;
const LIMIT = 0.2;
const LAST_WINDOW = DRIFT_DAYS - WINDOW_DAYS;

const NUMBERS = ['wind', 'distance', 'hour', 'origin_late_share_24h', 'visibility', 'temperature', '@prediction'];
const COLUMNS: readonly BinnedColumn[] = [
  ...NUMBERS.map((name) => ({ name, type: 'number' as const })),
  { name: 'origin', type: 'category' },
];
/** One of them is what only somebody who means harm would call an airport. */
const ORIGINS = ['ORD', 'LAX', 'ATL', '<img src=x>'] as const;

type Row = Readonly<Record<string, number | string | null>>;

const drawRows = (draw: () => number, shift: number): readonly Row[] =>
  Array.from({ length: ROWS_A_DAY }, () => ({
    wind: 10 * (draw() + draw() + draw() + shift),
    distance: 2_000 * draw(),
    hour: Math.floor(24 * draw()),
    origin_late_share_24h: draw() < 0.05 ? null : draw() ** 2,
    visibility: 10 * (draw() + draw() - 0.2 * shift),
    temperature: 30 * (draw() + draw()) - 20,
    '@prediction': 0.4 * draw() + 0.3 * shift * draw(),
    origin: ORIGINS[Math.floor(draw() ** (1 + shift) * ORIGINS.length)] ?? 'ORD',
  }));

const binsOf = (rows: readonly Row[]): TableBins => {
  const data = new Map(
    COLUMNS.map(({ name, type }) => [
      name,
      type === 'number'
        ? Float64Array.from(rows, (row) => (row[name] === null ? Number.NaN : Number(row[name])))
        : rows.map((row) => String(row[name])),
    ]),
  );
  return makeTableBins(COLUMNS, data, { rowCount: rows.length });
};

const profileOf = (bins: TableBins, rows: readonly Row[]): TableProfile => {
  const profiler = createTableProfiler(bins);
  profiler.foldRows(rows);
  return profiler.profile();
};

const psiOf = (reference: TableProfile, other: TableProfile): Readonly<Record<string, number>> =>
  Object.fromEntries(
    reference.columns.map(({ name, counts, missingCount }, at) => {
      const column = other.columns[at];
      const now = [...(column?.counts ?? []), column?.missingCount ?? 0];
      return [name, populationStabilityIndex([...counts, missingCount], now)];
    }),
  );

interface Drawn {
  readonly bins: TableBins;
  readonly reference: TableProfile;
  readonly days: readonly { readonly day: string; readonly profile: TableProfile }[];
}

const drawDays = (): Drawn => {
  const draw = drawsOf(5);
  const learnt = Array.from({ length: REFERENCE_DAYS }, () => drawRows(draw, 0));
  const bins = binsOf(learnt.flat());
  const days = Array.from({ length: DRIFT_DAYS }, (_, at) => ({
    day: utcDay(DRIFT_FIRST_MS + at * DAY_MS),
    profile: profileOf(bins, drawRows(draw, Math.max(0, (at - DRIFT_DAYS + WINDOW_DAYS) / 5))),
  }));
  return {
    bins,
    reference: mergeProfiles(
      bins,
      learnt.map((rows) => profileOf(bins, rows)),
    ),
    days,
  };
};

const columnsOf = (bins: TableBins, reference: TableProfile, now: TableProfile) =>
  compareProfiles(reference, now).columns.map((column) => {
    const place = bins.columns.findIndex(({ name }) => name === column.name);
    const [was, is, binned] = [reference.columns[place], now.columns[place], bins.columns[place]];
    return {
      ...column,
      bins: {
        ...(binned?.type === 'number' ? { edges: binned.edges } : {}),
        ...(binned?.type === 'category' ? { categories: binned.categories } : {}),
        reference: [...(was?.counts ?? [])],
        window: [...(is?.counts ?? [])],
        referenceMissing: was?.missingCount ?? 0,
        windowMissing: is?.missingCount ?? 0,
      },
    };
  });

const reportOf = ({ bins, reference, days }: Drawn, at: number): DriftFacts => {
  const window = days.slice(at, at + WINDOW_DAYS);
  const now = mergeProfiles(
    bins,
    window.map(({ profile }) => profile),
  );
  const psi = psiOf(reference, now);
  const predictionPsi = psi['@prediction'] ?? 0;
  const evidence = predictionPsi / LIMIT;
  return {
    status: evidence > 1 ? 'above-limit' : 'within-limit',
    reason: `the prediction's PSI is ${predictionPsi.toFixed(3)}`,
    fromMs: DRIFT_FIRST_MS + at * DAY_MS,
    toMs: DRIFT_FIRST_MS + (at + WINDOW_DAYS) * DAY_MS,
    rowCount: now.rowCount,
    limits: { windowDays: WINDOW_DAYS, predictionPsiLimit: LIMIT },
    comparison: {
      columns: Object.entries(psi).map(([name, value]) => ({
        name,
        psi: value,
        missingShare: 0,
        outOfRangeShare: 0.01,
        meanShift: 0.1,
      })),
    },
    metrics: { driftEvidence: evidence, predictionPsi },
    decision: {
      mode: 'floor',
      statement: 'limit not calibrated: 3 blocks of at least 8',
      evidence,
      columns: evidence > 1 ? [{ name: 'wind', share: 0.8 }] : [],
      slices: [],
    },
    profiles: {
      referenceRows: reference.rowCount,
      referenceDays: REFERENCE_DAYS,
      // Every measure takes its time; only the newest report's are drawn.
      columns: at === LAST_WINDOW ? columnsOf(bins, reference, now) : [],
      days: window.map(({ day, profile }) => ({ day, psi: psiOf(reference, profile) })),
      slices: [],
    },
    volume: { status: 'as expected', reason: 'about as many as a week before' },
    freshness: { status: 'fresh', reasons: [] },
  };
};

export const drawnDriftReports = (): readonly DriftFacts[] => {
  const drawn = drawDays();
  return Array.from({ length: LAST_WINDOW + 1 }, (_, at) => reportOf(drawn, at));
};
