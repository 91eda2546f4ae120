import { InvalidRequestError } from '../../kernel/errors.ts';
import { createCategoryFold } from './category-fold.ts';
import { type CellValue, type ColumnData, lengthOf } from './column-data.ts';
import { PROFILE_VERSION, type TableProfile } from './column-profile.ts';
import { absorbDistinct, addDistinct, ROW_REGISTERS } from './distinct-sketch.ts';
import { beginChunk, createFoldChunk } from './fold-chunk.ts';
import { finishHash } from './hash.ts';
import { createNumberFold } from './number-fold.ts';
import { CHUNK_ROWS } from './sort-numbers.ts';
import { isAnswer, type TableBins } from './table-bins.ts';

/** Values in the uppermost level of a quantile sketch: ranks within about 1 % (README.md). */
export const DEFAULT_SKETCH_SIZE = 256;
const ROW_INDEX_BITS = 31 - Math.clz32(ROW_REGISTERS);
const MAX_UNEXPECTED = 20;

export interface TableProfiler {
  /**
   * Takes a batch of decoded columns. A column that is missing, or empty, counts as absent in all of the rows.
   * @throws InvalidRequestError for a column that has neither no values nor one a row.
   */
  foldColumns(columns: ReadonlyMap<string, ColumnData>, rowCount: number): void;
  /** Takes captured rows. A cell of another type than its column's counts as mistyped. */
  foldRows(rows: readonly Readonly<Record<string, CellValue>>[]): void;
  /** Takes a profile in. @throws InvalidRequestError when it was counted by other bins. */
  absorb(profile: TableProfile): void;
  profile(): TableProfile;
}

const textOfCell = (cell: CellValue): string =>
  cell === null || cell === undefined || Number.isNaN(cell) ? '' : String(cell);

type Rows = readonly Readonly<Record<string, CellValue>>[];

const numbersOf = (name: string, rows: Rows): { readonly numbers: Float64Array; readonly mistypedCount: number } => {
  let mistypedCount = 0;
  const numbers = Float64Array.from(rows, (row) => {
    const cell = row[name];
    if (typeof cell === 'number') return cell;
    if (textOfCell(cell) !== '') mistypedCount += 1;
    return Number.NaN;
  });
  return { numbers, mistypedCount };
};

/** Room for the piece of rows at hand: of no use between two calls, and dear to make where profiles are many and small. */
const chunk = createFoldChunk();

/** Counts a table's rows by bins, in any number of batches; the same code makes references, deltas and their merges. */
export const createTableProfiler = (
  bins: TableBins,
  { sketchSize = DEFAULT_SKETCH_SIZE }: { readonly sketchSize?: number } = {},
): TableProfiler => {
  const folds = bins.columns.map((column) =>
    column.type === 'number' ? createNumberFold(column, sketchSize) : createCategoryFold(column),
  );
  const answers = new Set(bins.columns.flatMap(({ name }, i) => (isAnswer(name) ? [i] : [])));
  const names = new Set(bins.columns.map(({ name }) => name));
  const distinctRows = new Uint8Array(ROW_REGISTERS);
  let unexpected: readonly string[] = [];
  let rowCount = 0;

  const noteUnexpected = (found: Iterable<string>): void => {
    const strange = [...found].filter((name) => !names.has(name));
    if (strange.length === 0) return;
    unexpected = [...new Set([...unexpected, ...strange])].sort().slice(0, MAX_UNEXPECTED);
  };

  const checkLengths = (columns: ReadonlyMap<string, ColumnData>, expected: number): void => {
    for (const name of names) {
      const length = lengthOf(columns.get(name) ?? []);
      if (length !== 0 && length !== expected) {
        throw new InvalidRequestError(`column ${name} must have ${expected} values, got ${length}`);
      }
    }
  };

  const foldChecked = (columns: ReadonlyMap<string, ColumnData>, batchRows: number): void => {
    const data = bins.columns.map(({ name }) => columns.get(name));
    for (let from = 0; from < batchRows; from += CHUNK_ROWS) {
      const length = Math.min(CHUNK_ROWS, batchRows - from);
      beginChunk(chunk, from, length);
      for (const [i, fold] of folds.entries()) if (!answers.has(i)) fold.fold(chunk, data[i]);
      // Before the answers: of two versions, each answers the same row in its way.
      for (let i = 0; i < length; i += 1) {
        addDistinct(distinctRows, ROW_INDEX_BITS, finishHash(chunk.rowHashes[i] as number));
      }
      for (const i of answers) folds[i]?.fold(chunk, data[i]);
      rowCount += length;
    }
  };

  const foldColumns: TableProfiler['foldColumns'] = (columns, batchRows) => {
    if (!Number.isInteger(batchRows) || batchRows < 0) {
      throw new InvalidRequestError(`rows must be a whole number from 0, got ${batchRows}`);
    }
    checkLengths(columns, batchRows);
    noteUnexpected(columns.keys());
    foldChecked(columns, batchRows);
  };

  const foldRows: TableProfiler['foldRows'] = (rows) => {
    const columns = new Map<string, ColumnData>();
    const mistyped: number[] = [];
    for (const { name, type } of bins.columns) {
      const { numbers, mistypedCount } =
        type === 'number' ? numbersOf(name, rows) : { numbers: undefined, mistypedCount: 0 };
      columns.set(name, numbers ?? rows.map((row) => textOfCell(row[name])));
      mistyped.push(mistypedCount);
    }
    noteUnexpected(new Set(rows.flatMap((row) => Object.keys(row))));
    foldChecked(columns, rows.length);
    folds.forEach((fold, i) => {
      if (fold.type === 'number') fold.recountMistyped(mistyped[i] ?? 0);
    });
  };

  const absorb: TableProfiler['absorb'] = (profile) => {
    if (profile.binsId !== bins.id) {
      throw new InvalidRequestError(`a profile must be counted by bins ${bins.id}, got one by ${profile.binsId}`);
    }
    rowCount += profile.rowCount;
    absorbDistinct(distinctRows, profile.distinctRows);
    noteUnexpected(profile.unexpected);
    profile.columns.forEach((column, i) => {
      const fold = folds[i];
      if (fold?.type === 'number' && column.type === 'number') fold.absorb(column);
      if (fold?.type === 'category' && column.type === 'category') fold.absorb(column);
    });
  };

  const profile = (): TableProfile => ({
    schemaVersion: PROFILE_VERSION,
    binsId: bins.id,
    rowCount,
    distinctRows: distinctRows.slice(),
    columns: folds.map((fold) => fold.profile()),
    unexpected,
  });
  return { foldColumns, foldRows, absorb, profile };
};
