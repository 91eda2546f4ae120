import { type ColumnData, makeTableBins, type TableBins } from '../../shared/core/profiles/index.ts';
import { createDraws, drawCodes, drawNumbers } from './drawn-columns.ts';

/** A table of numbers and categories drawn from a seed, for tests and benches of profiles. */

const KINDS = 40;
const DICTIONARY = Array.from({ length: KINDS }, (_, kind) => `kind-${kind}`);

export interface DrawnTable {
  readonly columns: ReadonlyMap<string, ColumnData>;
  readonly rowCount: number;
}

export interface TableShape {
  readonly rowCount: number;
  readonly numbers: number;
  /** Every second one as texts, the others by a dictionary. */
  readonly categories: number;
}

/** Number columns `n0` …, categories `c0` …; a share of the cells is missing. */
export const drawTable = (
  { rowCount, numbers, categories }: TableShape,
  {
    seed,
    shift = 0,
    missingShare = 0.01,
  }: { readonly seed: number; readonly shift?: number; readonly missingShare?: number },
): DrawnTable => {
  const draw = createDraws(seed);
  const columns = new Map<string, ColumnData>();
  for (let i = 0; i < numbers; i += 1) {
    const column = drawNumbers(draw, { count: rowCount, shape: i, shift });
    columns.set(
      `n${i}`,
      column.map((value) => (draw() < missingShare ? Number.NaN : value)),
    );
  }
  for (let i = 0; i < categories; i += 1) {
    const codes = drawCodes(draw, rowCount, KINDS).map((code) => (draw() < missingShare ? -1 : code));
    columns.set(
      `c${i}`,
      i % 2 === 0 ? { codes, dictionary: DICTIONARY } : Array.from(codes, (code) => DICTIONARY[code]),
    );
  }
  return { columns, rowCount };
};

export const binsOf = ({ columns, rowCount }: DrawnTable): TableBins =>
  makeTableBins(
    [...columns.keys()].map((name) => ({ name, type: name.startsWith('n') ? 'number' : 'category' })),
    columns,
    { rowCount },
  );
