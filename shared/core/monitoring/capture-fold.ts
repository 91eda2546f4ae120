import { utcDay } from '../../kernel/time.ts';
import { inSlice } from '../deployment/index.ts';
import { createTableProfiler, type TableProfile, type TableProfiler } from '../profiles/index.ts';
import type { CapturedPrediction } from './captured-prediction.ts';
import { ALL_TRAFFIC, type FoldPlan, PREDICTION_COLUMN } from './fold-plan.ts';
import {
  createIdTable,
  createIndexBuilder,
  hashId,
  type IdHash,
  type IdTable,
  type PredictionIndex,
} from './prediction-ids.ts';

/** A profile of what one version answered in one hour, in one slice. */
export interface KeyedProfile {
  readonly version: number;
  /** `all`, or a declared slice. */
  readonly slice: string;
  /** UTC hour of the prediction, 0 to 23. */
  readonly hour: number;
  readonly profile: TableProfile;
}

/** What a captured object says of one UTC day of predictions. */
export interface DayDelta {
  readonly day: string;
  readonly profiles: readonly KeyedProfile[];
  /** The predictions that are counted. */
  readonly index: PredictionIndex;
  /** Lines that repeated an id of the object. */
  readonly duplicateCount: number;
}

export interface CaptureFold {
  take(record: CapturedPrediction): void;
  /** By day, oldest first. */
  end(): readonly DayDelta[];
}

/** Values in the uppermost level of the sketches of a delta. */
export const DELTA_SKETCH_SIZE = 32;
/** Rows that a profiler is given at once. */
const PIECE_ROWS = 4_096;

type Row = Record<string, number | string | null>;

/** A prediction's features and answer as one row, its numbers as the plan counts them. */
const rowOf = ({ inputs, output }: CapturedPrediction, numbers: FoldPlan['numbers']): Row => {
  const counted = (value: number): number => (numbers === 'float32' ? Math.fround(value) : value);
  const row: Row = {};
  for (const name in inputs) {
    const value = inputs[name];
    row[name] = typeof value === 'number' ? counted(value) : (value ?? null);
  }
  row[PREDICTION_COLUMN] = counted(output);
  return row;
};

/** The rows of one version and hour: folded by pieces, so that never more than a piece is held. */
const createHourFold = ({ bins, slices, numbers }: FoldPlan, version: number, hour: number) => {
  const profilers = new Map<string, TableProfiler>();
  let piece: CapturedPrediction[] = [];

  const foldInto = (slice: string, rows: readonly Row[]): void => {
    if (rows.length === 0) return;
    const profiler = profilers.get(slice) ?? createTableProfiler(bins, { sketchSize: DELTA_SKETCH_SIZE });
    profilers.set(slice, profiler);
    profiler.foldRows(rows);
  };
  const flush = (): void => {
    const rows = piece.map((record) => rowOf(record, numbers));
    foldInto(ALL_TRAFFIC, rows);
    for (const { name, where } of slices) {
      // By the digits that were captured: a bound of 0.7 is above the float32 next to it.
      const isIn = piece.map(({ inputs }) => inSlice(where, inputs));
      foldInto(
        name,
        rows.filter((_, i) => isIn[i]),
      );
    }
    piece = [];
  };
  return {
    add: (record: CapturedPrediction): void => {
      piece.push(record);
      if (piece.length === PIECE_ROWS) flush();
    },
    profiles: (): readonly KeyedProfile[] => {
      flush();
      return [...profilers].map(([slice, profiler]) => ({ version, slice, hour, profile: profiler.profile() }));
    },
  };
};

const createDayFold = (plan: FoldPlan) => {
  const hours = new Map<string, ReturnType<typeof createHourFold>>();
  const index = createIndexBuilder();
  let duplicateCount = 0;
  return {
    repeat: (): void => {
      duplicateCount += 1;
    },
    add: (id: IdHash, record: CapturedPrediction): void => {
      const { atMs, version } = record;
      const hour = new Date(atMs).getUTCHours();
      const key = `${version}/${hour}`;
      const fold = hours.get(key) ?? createHourFold(plan, version, hour);
      hours.set(key, fold);
      fold.add(record);
      index.add(id, atMs);
    },
    end: (day: string): DayDelta => ({
      day,
      profiles: [...hours.values()].flatMap((hour) => hour.profiles()).toSorted(byKey),
      index: index.index(),
      duplicateCount,
    }),
  };
};

export const byKey = (a: Omit<KeyedProfile, 'profile'>, b: Omit<KeyedProfile, 'profile'>): number =>
  a.version - b.version || a.hour - b.hour || (a.slice < b.slice ? -1 : a.slice > b.slice ? 1 : 0);

/**
 * Folds the predictions of one captured object: the first line of a prediction's id counts, later ones are counted as
 * duplicates. Of a day that is folded again without ids that stand elsewhere, those are left out.
 * @param without ids that are left out, by day.
 */
export const createCaptureFold = (plan: FoldPlan, without: ReadonlyMap<string, IdTable> = new Map()): CaptureFold => {
  const days = new Map<string, ReturnType<typeof createDayFold>>();
  const seen = createIdTable();
  return {
    take: (record) => {
      const id = hashId(record.predictionId);
      const day = utcDay(record.atMs);
      const fold = days.get(day) ?? createDayFold(plan);
      days.set(day, fold);
      if (seen.get(id.high, id.low) !== undefined) {
        fold.repeat();
        return;
      }
      seen.set(id.high, id.low, 1);
      if (without.get(day)?.get(id.high, id.low) === undefined) fold.add(id, record);
    },
    end: () => [...days].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([day, fold]) => fold.end(day)),
  };
};
