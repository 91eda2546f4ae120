import { measureQuality, type Task } from '../evaluation/index.ts';
import { quantileEdges } from '../statistics/quantile-edges.ts';

/** Rows that are alike in one feature, and how well they are predicted. */
export interface Slice {
  readonly feature: string;
  /** Such as `ORD`, `≤ 3.5`, `missing`. */
  readonly value: string;
  readonly rowCount: number;
  readonly labelMean: number;
  readonly predictionMean: number;
  readonly loss: number;
  readonly championLoss?: number;
}

export type TableColumn = Float64Array | readonly string[];

export interface SlicedRows {
  readonly task: Task;
  readonly labels: ArrayLike<number>;
  readonly candidate: ArrayLike<number>;
  readonly champion?: ArrayLike<number> | undefined;
  readonly columns: ReadonlyMap<string, TableColumn>;
}

const MOST_CATEGORIES = 6;
const QUARTERS = 4;
/** A mean of fewer rows says little, and would name single people where rows are people. */
const FEWEST_ROWS = 30;

const shown = (edge: number): string => String(Number(edge.toPrecision(4)));

const numberGroups = (values: Float64Array): ReadonlyMap<string, number[]> => {
  const finite = values.filter(Number.isFinite);
  const edges = finite.length === 0 ? [] : quantileEdges(finite, QUARTERS);
  const names = edges.map((edge, at) =>
    at === 0 ? `≤ ${shown(edge)}` : `${shown(edges[at - 1] ?? 0)} to ${shown(edge)}`,
  );
  names.push(edges.length === 0 ? 'any' : `> ${shown(edges.at(-1) ?? 0)}`);
  const groups = new Map<string, number[]>([...names.map((name): [string, number[]] => [name, []]), ['missing', []]]);
  values.forEach((value, row) => {
    const at = edges.findIndex((edge) => value <= edge);
    const name = Number.isFinite(value) ? (names[at === -1 ? edges.length : at] as string) : 'missing';
    groups.get(name)?.push(row);
  });
  return groups;
};

const categoryGroups = (values: readonly string[]): ReadonlyMap<string, number[]> => {
  const groups = new Map<string, number[]>();
  values.forEach((value, row) => {
    const name = value === '' ? 'missing' : value;
    const rows = groups.get(name);
    if (rows) rows.push(row);
    else groups.set(name, [row]);
  });
  return new Map(
    [...groups]
      .toSorted(([a, left], [b, right]) => right.length - left.length || (a < b ? -1 : 1))
      .slice(0, MOST_CATEGORIES),
  );
};

const pick = (values: ArrayLike<number>, rows: readonly number[]): Float64Array =>
  Float64Array.from(rows, (row) => values[row] as number);

/** By each of these features: the most frequent categories, or quarters of the numbers. */
export const sliceRows = (
  { task, labels, candidate, champion, columns }: SlicedRows,
  features: readonly string[],
): readonly Slice[] =>
  features.flatMap((feature) => {
    const values = columns.get(feature);
    if (values === undefined) return [];
    const groups = values instanceof Float64Array ? numberGroups(values) : categoryGroups(values);
    return [...groups].flatMap(([value, rows]): readonly Slice[] => {
      if (rows.length < FEWEST_ROWS) return [];
      const own = pick(labels, rows);
      const { labelMean, predictionMean, loss } = measureQuality(task, {
        labels: own,
        predictions: pick(candidate, rows),
      });
      const rival = champion && measureQuality(task, { labels: own, predictions: pick(champion, rows) }).loss;
      return [
        {
          feature,
          value,
          rowCount: rows.length,
          labelMean,
          predictionMean,
          loss,
          ...(rival === undefined ? {} : { championLoss: rival }),
        },
      ];
    });
  });
