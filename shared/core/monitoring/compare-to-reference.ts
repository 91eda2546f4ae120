import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Quality } from '../evaluation/index.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import type { WindowFeature, WindowProfile } from './profile-window.ts';
import type { FeatureProfile, ReferenceProfile } from './reference-profile.ts';

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
  readonly quality?: Quality;
}

const meanShiftOf = (reference: FeatureProfile, window: WindowFeature): number | undefined => {
  if (reference.type !== 'number' || !reference.standardDeviation) return undefined;
  if (reference.mean === undefined || window.mean === undefined) return undefined;
  return (window.mean - reference.mean) / reference.standardDeviation;
};

const compareColumn = (reference: FeatureProfile, window: WindowFeature): ColumnDrift => {
  const { name, rowCount, missingCount, outOfRangeCount } = window;
  if (rowCount === 0) return { name, missingShare: 0, outOfRangeShare: 0 };
  const meanShift = meanShiftOf(reference, window);
  return {
    name,
    missingShare: missingCount / rowCount,
    outOfRangeShare: outOfRangeCount / rowCount,
    psi: populationStabilityIndex(
      [...reference.counts, reference.missingCount],
      [...window.counts, window.missingCount],
    ),
    ...(meanShift === undefined ? {} : { meanShift }),
  };
};

const largest = (values: readonly (number | undefined)[]): number =>
  values.reduce((max: number, value) => Math.max(max, value ?? 0), 0);

/**
 * Compares a window with the reference whose bins it was counted by.
 * @throws InvalidRequestError when the window was counted by other bins.
 */
export const compareToReference = (reference: ReferenceProfile, window: WindowProfile): WindowComparison => {
  const columns = reference.features.map((feature, i) => {
    const counted = window.features[i];
    if (counted?.name !== feature.name || counted.counts.length !== feature.counts.length) {
      throw new InvalidRequestError(
        `the window must be counted by the reference's bins: feature ${i} is ${feature.name} with ${feature.counts.length} bins, got ${counted?.name ?? 'none'} with ${counted?.counts.length ?? 0}`,
      );
    }
    return compareColumn(feature, counted);
  });
  const { rowCount, predictionMean, quality } = window;
  return {
    columns,
    featurePsiMax: largest(columns.map(({ psi }) => psi)),
    missingShareMax: largest(columns.map(({ missingShare }) => missingShare)),
    outOfRangeShareMax: largest(columns.map(({ outOfRangeShare }) => outOfRangeShare)),
    ...(rowCount > 0
      ? { predictionPsi: populationStabilityIndex(reference.prediction.counts, window.predictionCounts) }
      : {}),
    ...(predictionMean === undefined ? {} : { predictionMean }),
    referencePredictionMean: reference.prediction.mean,
    ...(quality ? { quality } : {}),
  };
};
