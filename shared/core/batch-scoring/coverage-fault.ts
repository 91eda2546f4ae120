import type { ScoringPart } from './scoring-part.ts';

/** What an output object holds, as it was counted. */
export interface OutputCount {
  readonly rowCount: number;
  readonly distinctRows: number;
  /** Positions in the input; null when there are no rows. */
  readonly firstRow: number | null;
  readonly lastRow: number | null;
  /** Inputs and model digests among its rows. */
  readonly files: readonly string[];
  readonly modelDigests: readonly string[];
}

const same = (found: readonly string[], expected: string): boolean => found.length === 1 && found[0] === expected;

/**
 * Why an output is not exactly one row for each row of its part; undefined when it is. As many different positions as
 * rows, between the part's first and its last, leave no gap and no double.
 */
export const coverageFault = (
  { part, key, fromRow, rowCount }: Pick<ScoringPart, 'part' | 'key' | 'fromRow' | 'rowCount'>,
  modelDigest: string,
  found: OutputCount,
): string | undefined => {
  const lastRow = fromRow + rowCount - 1;
  const covers =
    found.rowCount === rowCount &&
    found.distinctRows === rowCount &&
    found.firstRow === fromRow &&
    found.lastRow === lastRow;
  if (!covers) {
    return (
      `part ${part} must hold the ${rowCount} rows ${fromRow} to ${lastRow} of ${key} once each, it has ` +
      `${found.rowCount} rows with ${found.distinctRows} positions from ${found.firstRow} to ${found.lastRow}`
    );
  }
  if (!same(found.files, key)) return `part ${part} must hold rows of ${key}, it names ${found.files.join(', ')}`;
  if (same(found.modelDigests, modelDigest)) return undefined;
  return `part ${part} must be scored by ${modelDigest}, it names ${found.modelDigests.join(', ')}`;
};
