import type { TableBins } from '../profiles/index.ts';
import type { CountedTable } from './counted-table.ts';

/** A table's rows of one UTC day: those of the whole traffic, and those of each declared slice. */
export interface DayProfile {
  /** YYYY-MM-DD. */
  readonly day: string;
  readonly profile: CountedTable;
  /** By the slice's name. A slice without rows on this day may be left out. */
  readonly slices?: Readonly<Record<string, CountedTable>>;
  /** 24 row counts of the whole traffic, by UTC hour. Needed only to hold a part of a day against the same hours. */
  readonly rowsByHour?: readonly number[];
}

/**
 * What a model's table looked like while all was well. Of inputs: the rows learnt from, with predictions as served. Of
 * outcomes: rows that were *not* learnt from, since errors on the others are too small.
 */
export interface DriftReference {
  readonly bins: TableBins;
  /** One entry a day, in any order. */
  readonly days: readonly DayProfile[];
  /** Days that depend on each other, at least 1: a feature that looks back seven days makes it 7. */
  readonly blockDays: number;
  /** 24 profiles of the whole traffic, by UTC hour, over all days: a part of a day is then held against its hours. */
  readonly hours?: readonly CountedTable[];
}
