import { assert } from '../../kernel/assert.ts';
import { type Columns, type FeatureInput, type Predict, tensorsOf } from './rows.ts';

/** How predictions follow one feature when it alone is set, in each of some rows. */
export interface PartialDependence {
  readonly feature: string;
  /** What the feature was set to: quantiles of its numbers, or its most frequent texts. */
  readonly values: readonly (number | string)[];
  /** Mean prediction at each value (Friedman 2001). */
  readonly mean: readonly number[];
  /** Of some rows their own predictions at each value: individual conditional expectation (Goldstein et al. 2015). */
  readonly rows: readonly (readonly number[])[];
}

const QUANTILES = 16;
const TEXTS = 12;
const SHOWN_ROWS = 20;

const numberGrid = (values: Float32Array): readonly number[] => {
  const sorted = values.filter((value) => Number.isFinite(value)).toSorted();
  if (sorted.length === 0) return [];
  // Without the outermost hundredths, which are outliers as often as not.
  const grid = Array.from({ length: QUANTILES }, (_, i) => {
    const share = 0.01 + (0.98 * i) / (QUANTILES - 1);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  });
  return [...new Set(grid)];
};

const textGrid = (values: readonly string[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  const byCount = [...counts].toSorted(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
  return byCount.slice(0, TEXTS).map(([value]) => value);
};

export const partialDependence = async (
  { inputs, predict }: { readonly inputs: readonly FeatureInput[]; readonly predict: Predict },
  { columns, rowCount }: { readonly columns: Columns; readonly rowCount: number },
  feature: string,
): Promise<PartialDependence> => {
  const standing = columns[feature];
  assert(standing !== undefined, `feature ${feature} has a column`);
  const values = standing instanceof Float32Array ? numberGrid(standing) : textGrid(standing);
  const mean: number[] = [];
  const rows: number[][] = Array.from({ length: Math.min(SHOWN_ROWS, rowCount) }, () => []);
  for (const value of values) {
    const set =
      typeof value === 'number' ? new Float32Array(rowCount).fill(value) : new Array<string>(rowCount).fill(value);
    const outputs = await predict(tensorsOf(inputs, { ...columns, [feature]: set }, rowCount), rowCount);
    let sum = 0;
    for (let row = 0; row < rowCount; row++) sum += outputs[row] as number;
    mean.push(sum / rowCount);
    for (const [row, own] of rows.entries()) own.push(outputs[row] as number);
  }
  return { feature, values, mean, rows };
};
