import { type Columns, type FeatureInput, type Predict, tensorsOf } from './rows.ts';

/** A change of a row's features by which its prediction crosses a limit. */
export interface Counterfactual {
  readonly changes: readonly {
    readonly feature: string;
    readonly from: number | string | null;
    readonly to: number | string | null;
  }[];
  readonly prediction: number;
}

type Cell = number | string;

interface Search {
  readonly inputs: readonly FeatureInput[];
  readonly predict: Predict;
  /** Rows that were really seen: only their values are tried. */
  readonly background: { readonly rowCount: number; readonly columns: Columns };
  /** The prediction is to be at least this, or below it: whichever the row's own is not. */
  readonly limit: number;
  /** Features that may be changed. @default all */
  readonly changeable?: readonly string[];
}

const MOST_CHANGES = 4;

const sameCell = (a: Cell, b: Cell): boolean => Object.is(a, b);
const shown = (cell: Cell): number | string | null => (Number.isNaN(cell) || cell === '' ? null : cell);

const cellAt = (columns: Columns, name: string, row: number): Cell => columns[name]?.[row] as Cell;

interface Change {
  readonly feature: number;
  readonly to: Cell;
}

/** Different values of each changeable feature that the background has and the row does not. */
const changesOf = (
  { inputs, background, changeable }: Search,
  row: readonly Cell[],
  taken: ReadonlySet<number>,
): Change[] =>
  inputs.flatMap(({ name }, feature) => {
    if (taken.has(feature) || (changeable !== undefined && !changeable.includes(name))) return [];
    const values = new Set(
      Array.from({ length: background.rowCount }, (_, at) => cellAt(background.columns, name, at)),
    );
    return [...values].filter((to) => !sameCell(to, row[feature] as Cell)).map((to) => ({ feature, to }));
  });

const predictRows = async (
  { inputs, predict }: Search,
  rows: readonly (readonly Cell[])[],
): Promise<ArrayLike<number>> => {
  const columns = Object.fromEntries(
    inputs.map(({ name, datatype }, at) => {
      const cells = rows.map((row) => row[at] as Cell);
      return [name, datatype === 'FP32' ? Float32Array.from(cells as number[]) : (cells as string[])];
    }),
  );
  return predict(tensorsOf(inputs, columns, rows.length), rows.length);
};

/** Spread of each number feature over the background, by which distances are measured; 1 where there is none. */
const spreadsOf = ({ inputs, background }: Search): readonly number[] =>
  inputs.map(({ name, datatype }) => {
    if (datatype !== 'FP32') return 1;
    const values = (background.columns[name] as Float32Array).filter((value) => !Number.isNaN(value)).toSorted();
    const spread = (values[Math.floor(0.9 * values.length)] ?? 0) - (values[Math.floor(0.1 * values.length)] ?? 0);
    return spread > 0 ? spread : 1;
  });

const distance = (from: Cell, to: Cell, spread: number): number =>
  typeof from === 'number' && typeof to === 'number' && !Number.isNaN(from) && !Number.isNaN(to)
    ? Math.abs(from - to) / spread
    : 1;

/**
 * Looks for the fewest changes of a row's features, at most four, by which its prediction crosses the limit, and among
 * those of one number for the nearest. A greedy search, not a complete one: each step tries every background value of
 * every feature that is not changed yet and keeps the one that comes closest to the limit. What it finds holds; what it does
 * not find may exist.
 * @returns undefined where four changes do not cross it.
 */
export const findCounterfactual = async (search: Search, row: readonly Cell[]): Promise<Counterfactual | undefined> => {
  const spreads = spreadsOf(search);
  const own = (await predictRows(search, [row]))[0] as number;
  const rises = own < search.limit;
  const crosses = (prediction: number): boolean => (rises ? prediction >= search.limit : prediction < search.limit);
  const current = [...row];
  const taken = new Set<number>();
  for (let step = 0; step < MOST_CHANGES; step++) {
    const changes = changesOf(search, current, taken);
    if (changes.length === 0) return undefined;
    const outputs = await predictRows(
      search,
      changes.map(({ feature, to }) => current.with(feature, to)),
    );
    const ranked = changes
      .map((change, at) => ({ ...change, prediction: outputs[at] as number }))
      .map((change) => ({
        ...change,
        far: distance(current[change.feature] as Cell, change.to, spreads[change.feature] as number),
      }));
    const crossing = ranked.filter(({ prediction }) => crosses(prediction)).toSorted((a, b) => a.far - b.far)[0];
    const best =
      crossing ?? ranked.toSorted((a, b) => (rises ? b.prediction - a.prediction : a.prediction - b.prediction))[0];
    if (best === undefined) return undefined;
    current[best.feature] = best.to;
    taken.add(best.feature);
    if (crossing === undefined) continue;
    const changed = [...taken].map((feature) => ({
      feature: (search.inputs[feature] as FeatureInput).name,
      from: shown(row[feature] as Cell),
      to: shown(current[feature] as Cell),
    }));
    return { changes: changed, prediction: crossing.prediction };
  }
  return undefined;
};
