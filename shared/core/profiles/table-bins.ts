import { InvalidRequestError } from '../../kernel/errors.ts';
import { separatingEdges } from '../statistics/separating-edges.ts';
import { type ColumnData, isNumberArray, numberAt, textAt } from './column-data.ts';
import { hashText } from './hash.ts';

/** How a column is counted. */
export interface NumberBins {
  readonly name: string;
  readonly type: 'number';
  /** Ascending inner edges: bin i holds `edges[i − 1] < x ≤ edges[i]`. */
  readonly edges: readonly number[];
  /** The declared range; values outside are counted in their bin and as out of range. */
  readonly min?: number;
  readonly max?: number;
}

export interface CategoryBins {
  readonly name: string;
  readonly type: 'category';
  /** Each has a bin; all others share the last one. */
  readonly categories: readonly string[];
}

export type ColumnBins = NumberBins | CategoryBins;

/** How a table is counted: made once, of the reference, and kept with it. Profiles by the same bins merge and compare. */
export interface TableBins {
  /** 16 hexadecimal digits that change with anything below. */
  readonly id: string;
  readonly columns: readonly ColumnBins[];
}

/** A column of a model's answers: counted like any other, but no part of what makes two rows the same. */
export const isAnswer = (name: string): boolean => name.startsWith('@');

/** What is known of a column before its values are. */
export interface BinnedColumn {
  readonly name: string;
  readonly type: 'number' | 'category';
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const MAX_BINS = 256;
const DEFAULT_BINS = 10;
/** Categories that have a bin of their own. */
const MAX_CATEGORIES = 50;

const checkEdges = ({ name, edges }: NumberBins): void => {
  if (edges.length >= MAX_BINS) {
    throw new InvalidRequestError(`column ${name} must have at most ${MAX_BINS} bins, got ${edges.length + 1}`);
  }
  edges.forEach((edge, i) => {
    if (!Number.isFinite(edge) || edge <= (edges[i - 1] ?? Number.NEGATIVE_INFINITY)) {
      throw new InvalidRequestError(`column ${name} must have finite, ascending edges, got ${edge} at ${i}`);
    }
  });
};

const checkCategories = ({ name, categories }: CategoryBins): void => {
  if (new Set(categories).size !== categories.length || categories.includes('')) {
    throw new InvalidRequestError(`column ${name} must have different, non-empty categories`);
  }
};

const canonical = (bins: ColumnBins): unknown =>
  bins.type === 'number'
    ? [bins.name, bins.type, bins.edges, bins.min ?? null, bins.max ?? null]
    : [bins.name, bins.type, bins.categories];

const hexOf = (hash: number): string => (hash >>> 0).toString(16).padStart(8, '0');

/**
 * Bins of a table, checked and named by their content.
 * @throws InvalidRequestError for two columns of a name, edges out of order, or categories twice.
 */
export const tableBins = (columns: readonly ColumnBins[]): TableBins => {
  const names = new Set<string>();
  for (const bins of columns) {
    if (names.has(bins.name)) throw new InvalidRequestError(`column ${bins.name} must have bins once, got them twice`);
    names.add(bins.name);
    if (bins.type === 'number') checkEdges(bins);
    else checkCategories(bins);
  }
  const text = JSON.stringify(columns.map(canonical));
  return { id: hexOf(hashText(text, 1)) + hexOf(hashText(text, 2)), columns };
};

const edgesOf = (data: ColumnData, binCount: number): readonly number[] => {
  const finite = new Float64Array(isNumberArray(data) ? data.length : 0);
  let count = 0;
  for (let row = 0; row < finite.length; row += 1) {
    const value = numberAt(data, row);
    if (!Number.isFinite(value)) continue;
    finite[count] = value;
    count += 1;
  }
  return count === 0 ? [] : separatingEdges(finite.subarray(0, count).sort(), binCount);
};

const categoriesOf = (data: ColumnData, rowCount: number): readonly string[] => {
  const counts = new Map<string, number>();
  for (let row = 0; row < rowCount; row += 1) {
    const text = textAt(data, row);
    if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .sort(([nameA, a], [nameB, b]) => b - a || (nameA < nameB ? -1 : 1))
    .slice(0, MAX_CATEGORIES)
    .map(([name]) => name);
};

/**
 * Bins by the reference's rows: numbers in at most `binCount` bins of equally many rows (`separatingEdges`), the 50 most
 * frequent categories by count, ties by name.
 * @param binCount in [1, 256].
 * @throws InvalidRequestError for a column without values, or too many bins.
 */
export const makeTableBins = (
  columns: readonly BinnedColumn[],
  data: ReadonlyMap<string, ColumnData>,
  { rowCount, binCount = DEFAULT_BINS }: { readonly rowCount: number; readonly binCount?: number },
): TableBins => {
  if (!Number.isInteger(binCount) || binCount < 1 || binCount > MAX_BINS) {
    throw new InvalidRequestError(`bins must be an integer in [1, ${MAX_BINS}], got ${binCount}`);
  }
  return tableBins(
    columns.map(({ name, type, min, max }): ColumnBins => {
      const values = data.get(name);
      if (values === undefined) throw new InvalidRequestError(`the reference must have a column ${name}, got none`);
      if (type === 'category') return { name, type, categories: categoriesOf(values, rowCount) };
      const range = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
      return { name, type, edges: edgesOf(values, binCount), ...range };
    }),
  );
};
