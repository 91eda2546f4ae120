import { InvalidRequestError } from '../../kernel/errors.ts';
import type { ColumnProfile } from '../profiles/index.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import type { CountedColumn, CountedReference } from './counted-reference.ts';
import type { DriftWindow } from './drift-window.ts';

interface ColumnDrift {
  readonly name: string;
  readonly missingShare: number;
  readonly outOfRangeShare: number;
  /** Over the reference's bins and one for missing values; absent when the window has no rows for the feature. */
  readonly psi?: number;
  /** (window's mean − reference's mean) / reference's standard deviation; absent where either is unknown or 0. */
  readonly meanShift?: number;
}

export interface WindowComparison {
  readonly columns: readonly ColumnDrift[];
  readonly featurePsiMax: number;
  readonly missingShareMax: number;
  readonly outOfRangeShareMax: number;
  /** Absent without rows. */
  readonly predictionPsi?: number;
  readonly predictionMean?: number;
  readonly referencePredictionMean: number;
}

const meanShiftOf = (reference: CountedColumn, column: ColumnProfile): number | undefined => {
  if (column.type !== 'number' || column.moments.count === 0) return undefined;
  if (reference.mean === undefined || !reference.standardDeviation) return undefined;
  return (column.moments.mean - reference.mean) / reference.standardDeviation;
};

const compareColumn = (reference: CountedColumn, column: ColumnProfile, rowCount: number): ColumnDrift => {
  const { name } = reference;
  if (rowCount === 0) return { name, missingShare: 0, outOfRangeShare: 0 };
  const meanShift = meanShiftOf(reference, column);
  return {
    name,
    missingShare: column.missingCount / rowCount,
    outOfRangeShare: column.type === 'number' ? column.outOfRangeCount / rowCount : 0,
    psi: populationStabilityIndex(
      [...Array.from(reference.counts), reference.missingCount],
      [...column.counts, column.missingCount],
    ),
    ...(meanShift === undefined ? {} : { meanShift }),
  };
};

const largest = (values: readonly (number | undefined)[]): number =>
  values.reduce((max: number, value) => Math.max(max, value ?? 0), 0);

/**
 * Compares a window with the reference by whose bins it was counted.
 * @throws InvalidRequestError when the window was counted by other bins.
 */
export const compareToReference = (reference: CountedReference, window: DriftWindow): WindowComparison => {
  if (window.whole.binsId !== reference.bins.id) {
    throw new InvalidRequestError(
      `the window must be counted by bins ${reference.bins.id}, got one by ${window.whole.binsId}`,
    );
  }
  const columns = reference.columns.map((feature, i) => {
    const table = feature.monitor === 'whole-weeks' ? window.weeks : window.whole;
    return compareColumn(feature, table.columns[i] as ColumnProfile, table.rowCount);
  });
  const prediction = window.whole.columns[reference.columns.length];
  const moments = prediction?.type === 'number' ? prediction.moments : undefined;
  const answered = prediction !== undefined && window.whole.rowCount > 0;
  return {
    columns,
    featurePsiMax: largest(columns.map(({ psi }) => psi)),
    missingShareMax: largest(columns.map(({ missingShare }) => missingShare)),
    outOfRangeShareMax: largest(columns.map(({ outOfRangeShare }) => outOfRangeShare)),
    ...(answered
      ? {
          predictionPsi: populationStabilityIndex(
            Array.from(reference.prediction.counts),
            Array.from(prediction.counts),
          ),
        }
      : {}),
    ...(moments === undefined || moments.count === 0 ? {} : { predictionMean: moments.mean }),
    referencePredictionMean: reference.prediction.mean,
  };
};
