import type { TableProfile } from './column-profile.ts';
import { countDistinct } from './distinct-sketch.ts';

/** What of a table's rows repeats an earlier one of it, column for column but answers. */
export interface DuplicatedRows {
  /** Of the rows, in [0, 1]: 1 − different rows ÷ rows. */
  readonly share: number;
  /** The share lies between them with 99 % confidence; where every row has left a mark of its own, it is 0 for sure. */
  readonly low: number;
  readonly high: number;
}

type CountedRows = Pick<TableProfile, 'rowCount' | 'distinctRows'>;

const NO_ROWS: DuplicatedRows = { share: 0, low: 0, high: 0 };

/** By the sketch of different rows: within 8.4 % of those, and one row (README.md). */
export const duplicatedRows = ({ rowCount, distinctRows }: CountedRows): DuplicatedRows => {
  if (rowCount === 0) return NO_ROWS;
  const { count, low, high } = countDistinct(distinctRows, rowCount);
  return { share: 1 - count / rowCount, low: 1 - high / rowCount, high: 1 - low / rowCount };
};

/**
 * The largest share of duplicates that so many rows have where nothing has changed. Up to as many rows as the reference
 * has it is the reference's, by the upper bound: fewer rows repeat each other less. More rows may all be repeats of the
 * reference's kinds: of those only fewer different rows than the reference has are too few.
 */
export const usualDuplicatedShare = (reference: CountedRows, rowCount: number): number => {
  const { low } = countDistinct(reference.distinctRows, reference.rowCount);
  return 1 - low / Math.max(reference.rowCount, rowCount);
};
