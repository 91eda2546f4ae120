import { InvalidRequestError } from '../../kernel/errors.ts';
import { utcDay } from '../../kernel/time.ts';
import { type DeclaredSlice, inSlice } from '../deployment/index.ts';
import type { DayProfile, DriftReference } from '../drift/index.ts';
import {
  type ColumnData,
  createTableProfiler,
  makeTableBins,
  type TableBins,
  type TableProfile,
} from '../profiles/index.ts';
import { DELTA_SKETCH_SIZE } from './capture-fold.ts';
import { PREDICTION_COLUMN } from './fold-plan.ts';
import type { MonitoredFeature } from './reference-profile.ts';

/** A UTC day of what a version learnt from. */
export interface TrainingDay extends DayProfile {
  readonly profile: TableProfile;
  readonly slices?: Readonly<Record<string, TableProfile>>;
}

/** What a version learnt from, as its drift checks need it. */
export interface TrainingReference extends DriftReference {
  readonly days: readonly TrainingDay[];
  readonly hours?: readonly TableProfile[];
  /** All rows at once: what windows are compared with. */
  readonly whole: TableProfile;
  readonly slices: readonly DeclaredSlice[];
}

export interface TrainingRows {
  readonly features: readonly MonitoredFeature[];
  /** Feature → one value per row; missing is NaN or the empty string. */
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  readonly eventAtMs: ArrayLike<number>;
  /** The model's answers to the rows, as it will serve. */
  readonly predictions: ArrayLike<number>;
  readonly blockDays: number;
  readonly slices: readonly DeclaredSlice[];
}

/** Of longer references the newest days are kept one by one: a year, and the weeks that wind up a running mean. */
const MOST_DAYS = 400;
const HOURS = 24;

/** Numbers as the model reads them, so that they are the ones that will be captured. */
const asServed = (values: Float64Array | readonly string[]): ColumnData =>
  values instanceof Float64Array ? Float64Array.from(values, Math.fround) : values;

const pick = (data: ColumnData, rows: readonly number[]): ColumnData =>
  data instanceof Float64Array
    ? Float64Array.from(rows, (row) => data[row] as number)
    : rows.map((row) => (data as readonly string[])[row]);

const groupRows = <Key>(rows: readonly number[], keyOf: (row: number) => Key): ReadonlyMap<Key, readonly number[]> => {
  const groups = new Map<Key, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
};

const cellOf = (values: Float64Array | readonly string[] | undefined, row: number): number | string | null => {
  const value = values?.[row];
  return value === undefined || value === '' || Number.isNaN(value) ? null : value;
};

/** Whether a training row is of a slice, by the value of the slice's feature. */
const sliceTest =
  ({ where }: DeclaredSlice, columns: TrainingRows['columns']) =>
  (row: number): boolean =>
    inSlice(where, { [where.feature]: cellOf(columns.get(where.feature), row) });

const profileRows = (
  bins: TableBins,
  data: ReadonlyMap<string, ColumnData>,
  rows: readonly number[],
  sketchSize?: number,
): TableProfile => {
  const profiler = createTableProfiler(bins, sketchSize === undefined ? {} : { sketchSize });
  const picked = new Map([...data].map(([name, values]) => [name, pick(values, rows)]));
  profiler.foldColumns(picked, rows.length);
  return profiler.profile();
};

/**
 * Profiles the rows that a version learns from by UTC day, in the whole and by slice: the same rows give the same bytes.
 * Of more than 400 days with rows the newest are kept as days; the bins and the whole are of all.
 * @throws InvalidRequestError without rows.
 */
export const makeTrainingReference = (input: TrainingRows): TrainingReference => {
  const { features, columns, eventAtMs, predictions, slices, blockDays } = input;
  const rowCount = eventAtMs.length;
  if (rowCount === 0) throw new InvalidRequestError('a drift reference needs at least one row, got 0');
  const data = new Map<string, ColumnData>(
    features.map(({ name }) => [name, asServed(columns.get(name) ?? [])] as const),
  );
  data.set(PREDICTION_COLUMN, Float64Array.from(predictions, Math.fround));
  const declared = [...features, { name: PREDICTION_COLUMN, type: 'number' as const }];
  const bins = makeTableBins(declared, data, { rowCount });
  const whole = createTableProfiler(bins);
  whole.foldColumns(data, rowCount);

  const atMs = (row: number): number => eventAtMs[row] as number;
  const all = Array.from({ length: rowCount }, (_, row) => row);
  const hourOf = (row: number): number => new Date(atMs(row)).getUTCHours();
  const byDay = [...groupRows(all, (row) => utcDay(atMs(row)))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const tests = slices.map((slice) => [slice.name, sliceTest(slice, columns)] as const);
  const days = byDay.slice(-MOST_DAYS).map(([day, rows]): TrainingDay => {
    const rowsByHour = new Array<number>(HOURS).fill(0);
    for (const row of rows) rowsByHour[hourOf(row)] = (rowsByHour[hourOf(row)] as number) + 1;
    const sliced = tests.flatMap(([name, isIn]) => {
      const inside = rows.filter(isIn);
      return inside.length === 0 ? [] : [[name, profileRows(bins, data, inside, DELTA_SKETCH_SIZE)] as const];
    });
    return {
      day,
      profile: profileRows(bins, data, rows, DELTA_SKETCH_SIZE),
      ...(sliced.length === 0 ? {} : { slices: Object.fromEntries(sliced) }),
      rowsByHour,
    };
  });
  const byHour = groupRows(all, hourOf);
  const hours = Array.from({ length: HOURS }, (_, hour) =>
    profileRows(bins, data, byHour.get(hour) ?? [], DELTA_SKETCH_SIZE),
  );
  // Where all rows are of one hour, days have no parts.
  return { bins, days, blockDays, whole: whole.profile(), slices, ...(byHour.size > 1 ? { hours } : {}) };
};
