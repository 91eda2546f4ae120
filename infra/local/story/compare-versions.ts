import { createModelRuntime } from '../../../shared/adapters/onnx/model-runtime.ts';
import {
  compareDaily,
  type DailyComparison,
  dailyQuality,
  measureQuality,
} from '../../../shared/core/evaluation/index.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';
import type { TableEngine } from '../../../shared/ports/table-engine.ts';

/** Every flight of a span with its label and features, as columns. */
interface FlightColumns {
  readonly eventAtMs: Float64Array;
  readonly labels: Float64Array;
  readonly inputs: Readonly<Record<string, Float32Array>>;
}

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

const readColumns = async (
  engine: TableEngine,
  features: readonly string[],
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<FlightColumns> => {
  const columns = await engine.columns(`
    SELECT event_at_ms, label, ${features.join(', ')} FROM scored_flights
    WHERE event_at_ms >= ${span.fromMs} AND event_at_ms < ${span.toMs} ORDER BY event_at_ms, row_key`);
  const numbers = (name: string): Float64Array => columns.get(name) as Float64Array;
  return {
    eventAtMs: numbers('event_at_ms'),
    labels: numbers('label'),
    inputs: Object.fromEntries(features.map((name) => [name, Float32Array.from(numbers(name))])),
  };
};

const score = async (modelBytes: Uint8Array, { inputs, labels }: FlightColumns): Promise<Float32Array> => {
  const model = await createModelRuntime({ intraOpThreads: 2 }).load(modelBytes);
  try {
    return await model.predict(inputs, labels.length);
  } finally {
    await model.release();
  }
};

const qualityOf = (labels: ArrayLike<number>, predictions: ArrayLike<number>) => {
  const { auc = Number.NaN, loss } = measureQuality('binary-classification', { labels, predictions });
  return { auc, logLoss: loss };
};

/** Quality of one version on *all* flights of each month, not only those that asked for a prediction. */
export const qualityByMonth = async (
  engine: TableEngine,
  features: readonly string[],
  modelBytes: Uint8Array,
  months: readonly { readonly month: string; readonly fromMs: number; readonly toMs: number }[],
): Promise<readonly MonthQuality[]> => {
  const rows: MonthQuality[] = [];
  for (const { month, ...span } of months) {
    const columns = await readColumns(engine, features, span);
    const predictions = await score(modelBytes, columns);
    rows.push({ month, flights: columns.labels.length, ...qualityOf(columns.labels, predictions) });
  }
  return rows;
};

/** Two versions by week on the same flights, with the day-level interval of the log loss difference. */
export const compareByWeek = async (
  engine: TableEngine,
  features: readonly string[],
  models: readonly [first: Uint8Array, second: Uint8Array],
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<{ readonly weeks: readonly WeekRow[]; readonly whole: DailyComparison }> => {
  const columns = await readColumns(engine, features, span);
  const [first, second] = [await score(models[0], columns), await score(models[1], columns)];
  const daily = (predictions: Float32Array) => dailyQuality('binary-classification', columns, predictions);
  const [firstDays, secondDays] = [daily(first), daily(second)];
  const weeks: WeekRow[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs; fromMs += 7 * DAY_MS) {
    const toMs = Math.min(fromMs + 7 * DAY_MS, span.toMs);
    const start = columns.eventAtMs.findIndex((atMs) => atMs >= fromMs);
    const firstLater = columns.eventAtMs.findIndex((atMs) => atMs >= toMs);
    const end = firstLater === -1 ? columns.eventAtMs.length : firstLater;
    const inWeek = ({ day }: { readonly day: string }) => day >= utcDay(fromMs) && day < utcDay(toMs);
    const labels = columns.labels.subarray(start, end);
    weeks.push({
      from: utcDay(fromMs),
      through: utcDay(toMs - 1),
      flights: end - start,
      first: qualityOf(labels, first.subarray(start, end)),
      second: qualityOf(labels, second.subarray(start, end)),
      comparison: compareDaily(secondDays.filter(inWeek), firstDays.filter(inWeek)),
    });
  }
  return { weeks, whole: compareDaily(secondDays, firstDays) };
};
