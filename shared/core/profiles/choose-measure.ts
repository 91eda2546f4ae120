/** What decides whether a column drifted. */
export type MeasureName = 'wasserstein' | 'kolmogorov-smirnov' | 'jensen-shannon' | 'chi-square' | 'z-test';

/** References of more rows are judged by distances: on large samples tests find differences that do not matter. */
export const LARGE_REFERENCE_ROWS = 1_000;
/** Numbers of at most as many kinds are judged as categories. */
const FEW_KINDS = 5;
/** Of distances: drifted from it on. */
export const DISTANCE_THRESHOLD = 0.1;
/** Of p-values: drifted below it. */
export const P_VALUE_THRESHOLD = 0.05;

/**
 * The measure that Evidently's documentation names as the default for a column's type, the reference's rows and the
 * number of different values of both sides (README.md).
 */
export const chooseMeasure = ({
  type,
  referenceRows,
  kinds,
}: {
  readonly type: 'number' | 'category';
  readonly referenceRows: number;
  readonly kinds: number;
}): MeasureName => {
  const categorical = type === 'category' || kinds <= FEW_KINDS;
  if (referenceRows > LARGE_REFERENCE_ROWS) return categorical ? 'jensen-shannon' : 'wasserstein';
  if (!categorical) return 'kolmogorov-smirnov';
  return kinds <= 2 ? 'z-test' : 'chi-square';
};
