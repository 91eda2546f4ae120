import { createModelRuntime } from '../../../shared/adapters/onnx/model-runtime.ts';
import {
  compareDaily,
  type DailyComparison,
  dailyQuality,
  measureQuality,
} from '../../../shared/core/evaluation/index.ts';
import { assert } from '../../../shared/kernel/assert.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

export interface MonthQuality {
  readonly month: string;
  readonly flights: number;
  readonly auc: number;
  readonly logLoss: number;
}

export interface WeekRow {
  readonly from: string;
  readonly through: string;
  readonly flights: number;
  readonly first: { readonly auc: number; readonly logLoss: number };
  readonly second: { readonly auc: number; readonly logLoss: number };
  readonly comparison: DailyComparison;
}

/** Every flight of the story in order of departure, read once; each version scores them once. */
export interface ScoredFlights {
  readonly eventAtMs: Float64Array;
  readonly labels: Float64Array;
  readonly predictions: ReadonlyMap<number, Float32Array>;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface Version {
  readonly version: number;
  readonly modelBytes: Uint8Array;
}

const BATCH_ROWS = 100_000;

/** In batches: the runtime's working memory grows with the rows of a call. */
const score = async (
  modelBytes: Uint8Array,
  inputs: Readonly<Record<string, Float32Array>>,
  rowCount: number,
): Promise<Float32Array> => {
  const model = await createModelRuntime({ intraOpThreads: 2 }).load(modelBytes);
  const predictions = new Float32Array(rowCount);
  try {
    for (let from = 0; from < rowCount; from += BATCH_ROWS) {
      const to = Math.min(from + BATCH_ROWS, rowCount);
      const batch = Object.entries(inputs).map(([name, values]) => [name, values.subarray(from, to)]);
      predictions.set(await model.predict(Object.fromEntries(batch), to - from), from);
    }
    return predictions;
  } finally {
    await model.release();
  }
};

export const scoreAllFlights = async (
  engine: TableEngine,
  features: readonly string[],
  versions: readonly Version[],
): Promise<ScoredFlights> => {
  const columns = await engine.columns(
    `SELECT event_at_ms, label, ${features.map((name) => `${name}::FLOAT AS ${name}`).join(', ')} FROM scored_flights ORDER BY event_at_ms, row_key`,
  );
  const numbers = (name: string): Float64Array => columns.get(name) as Float64Array;
  const inputs = Object.fromEntries(features.map((name) => [name, Float32Array.from(numbers(name))]));
  const labels = numbers('label');
  const predictions = new Map<number, Float32Array>();
  for (const { version, modelBytes } of versions)
    predictions.set(version, await score(modelBytes, inputs, labels.length));
  return { eventAtMs: numbers('event_at_ms'), labels, predictions };
};

/** Rows of a span: the flights are in order of departure. */
const within = ({ eventAtMs }: ScoredFlights, { fromMs, toMs }: Span): readonly [start: number, end: number] => {
  const firstAt = (atMs: number): number => {
    const index = eventAtMs.findIndex((value) => value >= atMs);
    return index === -1 ? eventAtMs.length : index;
  };
  return [firstAt(fromMs), firstAt(toMs)];
};

const predictionsOf = ({ predictions }: ScoredFlights, version: number): Float32Array => {
  const found = predictions.get(version);
  assert(found !== undefined, `version ${version} was scored`);
  return found;
};

const qualityOf = (flights: ScoredFlights, version: number, span: Span) => {
  const [start, end] = within(flights, span);
  const { auc = Number.NaN, loss } = measureQuality('binary-classification', {
    labels: flights.labels.subarray(start, end),
    predictions: predictionsOf(flights, version).subarray(start, end),
  });
  return { auc, logLoss: loss };
};

/** Quality of one version on *all* flights of each month, not only those that asked for a prediction. */
export const qualityByMonth = (
  flights: ScoredFlights,
  version: number,
  months: readonly ({ readonly month: string } & Span)[],
): readonly MonthQuality[] =>
  months.map(({ month, ...span }) => {
    const [start, end] = within(flights, span);
    return { month, flights: end - start, ...qualityOf(flights, version, span) };
  });

/** Two versions by week on the same flights, with the day-level interval of the log loss difference. */
export const compareByWeek = (
  flights: ScoredFlights,
  [first, second]: readonly [first: number, second: number],
  span: Span,
): { readonly weeks: readonly WeekRow[]; readonly whole: DailyComparison } => {
  const [start, end] = within(flights, span);
  const rows = { eventAtMs: flights.eventAtMs.subarray(start, end), labels: flights.labels.subarray(start, end) };
  const daily = (version: number) =>
    dailyQuality('binary-classification', rows, predictionsOf(flights, version).subarray(start, end));
  const [firstDays, secondDays] = [daily(first), daily(second)];
  const weeks: WeekRow[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs; fromMs += 7 * DAY_MS) {
    const week = { fromMs, toMs: Math.min(fromMs + 7 * DAY_MS, span.toMs) };
    const [weekStart, weekEnd] = within(flights, week);
    const inWeek = ({ day }: { readonly day: string }) => day >= utcDay(week.fromMs) && day < utcDay(week.toMs);
    weeks.push({
      from: utcDay(week.fromMs),
      through: utcDay(week.toMs - 1),
      flights: weekEnd - weekStart,
      first: qualityOf(flights, first, week),
      second: qualityOf(flights, second, week),
      comparison: compareDaily(secondDays.filter(inWeek), firstDays.filter(inWeek)),
    });
  }
  return { weeks, whole: compareDaily(secondDays, firstDays) };
};
