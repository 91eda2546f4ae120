import type { ColumnBins, TableBins } from '../profiles/index.ts';
import type { CountedTable } from './counted-table.ts';
import type { ColumnCodes, ComponentCode } from './drift-calibration.ts';
import { normalQuantile } from './normal-quantile.ts';
import { rounded } from './rounded.ts';
import { shiftCurve } from './shift-curve.ts';

/** Categories less frequent share one component, with all that are new. */
const LEAST_SHARE = 0.02;
const LEAST_VARIANCE = 1e-9;

const MISSING: ComponentCode = { change: 'missing' };

const sharesOf = (counts: ArrayLike<number>): readonly number[] => {
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  return Array.from(counts, (count) => (total === 0 ? 0 : count / total));
};

/** Moved and scaled to mean 0 and variance 1 over the shares; undefined where nothing varies. */
const standardised = (values: readonly number[], shares: readonly number[]): readonly number[] | undefined => {
  const mean = values.reduce((sum, value, i) => sum + value * (shares[i] ?? 0), 0);
  const variance = values.reduce((sum, value, i) => sum + (value - mean) ** 2 * (shares[i] ?? 0), 0);
  return variance < LEAST_VARIANCE ? undefined : values.map((value) => (value - mean) / Math.sqrt(variance));
};

/** Normal scores of the bins' middle ranks (van der Waerden 1952): whatever the unit, and whatever monotone transform. */
const levelOf = (shares: readonly number[]): readonly number[] | undefined => {
  let below = 0;
  const scores = shares.map((share) => {
    const middle = below + share / 2;
    below += share;
    // A bin that the reference never filled lies at an end or between two others.
    return normalQuantile(Math.min(0.9995, Math.max(0.0005, middle)));
  });
  return standardised(scores, shares);
};

/** By how much squares of the levels vary from row to row; 0 for two kinds, whose squares follow from their mean. */
const squareDeviation = (levels: readonly number[], shares: readonly number[]): number => {
  const skew = levels.reduce((sum, level, i) => sum + level ** 3 * (shares[i] ?? 0), 0);
  const fourth = levels.reduce((sum, level, i) => sum + level ** 4 * (shares[i] ?? 0), 0);
  return Math.sqrt(Math.max(0, fourth - 1 - skew * skew));
};

const LEAST_SQUARE_DEVIATION = 0.05;

const numberComponents = (counts: ArrayLike<number>): readonly ComponentCode[] => {
  const shares = sharesOf(counts);
  const weights = levelOf(shares)?.map(rounded);
  if (weights === undefined) return [MISSING];
  const curve = shiftCurve(weights, shares);
  const scale = squareDeviation(weights, shares);
  return [
    { change: 'level', weights, curve },
    ...(scale < LEAST_SQUARE_DEVIATION ? [] : [{ change: 'spread', weights, curve, scale: rounded(scale) } as const]),
    MISSING,
  ];
};

const categoryComponents = (categories: readonly string[], counts: ArrayLike<number>): readonly ComponentCode[] => {
  const shares = sharesOf(counts);
  const frequent = categories.map((_, bin) => (shares[bin] ?? 0) >= LEAST_SHARE);
  const own = categories.flatMap((category, chosen): readonly ComponentCode[] =>
    frequent[chosen] ? [{ change: 'share', category, weights: shares.map((_, bin) => (bin === chosen ? 1 : 0)) }] : [],
  );
  const rest: ComponentCode = { change: 'share', weights: shares.map((_, bin) => (frequent[bin] ? 0 : 1)) };
  return [...own, rest, MISSING];
};

const componentsOf = (bins: ColumnBins, counts: ArrayLike<number>): readonly ComponentCode[] =>
  bins.type === 'number' ? numberComponents(counts) : categoryComponents(bins.categories, counts);

/** What is followed of each column, by the counts of the whole reference. */
export const codeColumns = (bins: TableBins, reference: CountedTable): readonly ColumnCodes[] =>
  bins.columns.map((column, i) => ({
    name: column.name,
    components: componentsOf(column, reference.columns[i]?.counts ?? []),
  }));
