import { InvalidRequestError } from '../../kernel/errors.ts';
import { type ChiSquareTest, chiSquareHomogeneity } from '../statistics/chi-square-homogeneity.ts';
import { jensenShannonDistance } from '../statistics/jensen-shannon-distance.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { twoProportionZTest } from '../statistics/two-proportion-z-test.ts';
import { chooseMeasure, DISTANCE_THRESHOLD, type MeasureName, P_VALUE_THRESHOLD } from './choose-measure.ts';
import type { ColumnProfile, TableProfile } from './column-profile.ts';
import { compareNumbers, type DistanceOfRanks, type DistanceOfValues } from './compare-numbers.ts';
import { type QualityFinding, qualityFindings } from './data-quality.ts';
import { absorbDistinct, estimateDistinct } from './distinct-sketch.ts';

/** How far a column's values are from the reference's. */
export interface ColumnDrift {
  readonly name: string;
  readonly type: 'number' | 'category';
  /** Over the bins, and one for missing values. */
  readonly psi: number;
  /** Over the bins; base 2. */
  readonly jensenShannon: number;
  /** Over the bins. */
  readonly chiSquare: ChiSquareTest;
  /** Of numbers. */
  readonly kolmogorovSmirnov?: DistanceOfRanks;
  /** Of numbers. */
  readonly wasserstein?: DistanceOfValues;
  /** The measure for this type and size, and what it says. */
  readonly measure: MeasureName;
  /** A p-value of the tests, otherwise a distance. */
  readonly score: number;
  readonly threshold: number;
  readonly drifted: boolean;
}

export interface ProfileComparison {
  readonly referenceRows: number;
  readonly currentRows: number;
  /** In the order of the bins; columns without a value on either side are left out. */
  readonly columns: readonly ColumnDrift[];
  readonly quality: readonly QualityFinding[];
}

const sumOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + count, 0);

const kindsOf = (reference: ColumnProfile, current: ColumnProfile): number => {
  const both = reference.distinct.slice();
  absorbDistinct(both, current.distinct);
  return Math.round(estimateDistinct(both));
};

/** The share of the first bin that holds anything: of two kinds, the one that sorts first. */
const zTestOfFirstBin = (reference: Float64Array, current: Float64Array): number => {
  const first = reference.findIndex((count, bin) => count + (current[bin] as number) > 0);
  return twoProportionZTest(
    { count: reference[first] as number, total: sumOf(reference) },
    { count: current[first] as number, total: sumOf(current) },
  ).pValue;
};

type Measures = Pick<ColumnDrift, 'psi' | 'jensenShannon' | 'chiSquare' | 'kolmogorovSmirnov' | 'wasserstein'>;

const scoreOf = (
  measure: MeasureName,
  measures: Measures,
  reference: ColumnProfile,
  current: ColumnProfile,
): number => {
  const scores: Readonly<Record<MeasureName, () => number>> = {
    wasserstein: () => measures.wasserstein?.normed ?? 0,
    'kolmogorov-smirnov': () => measures.kolmogorovSmirnov?.pValue ?? 1,
    'jensen-shannon': () => measures.jensenShannon,
    'chi-square': () => measures.chiSquare.pValue,
    'z-test': () => zTestOfFirstBin(reference.counts, current.counts),
  };
  return scores[measure]();
};

const compareColumn = (
  reference: ColumnProfile,
  current: ColumnProfile,
  referenceRows: number,
): ColumnDrift | undefined => {
  if (sumOf(reference.counts) === 0 || sumOf(current.counts) === 0) return undefined;
  const { name, type } = reference;
  const measures: Measures = {
    psi: populationStabilityIndex(
      [...reference.counts, reference.missingCount],
      [...current.counts, current.missingCount],
    ),
    jensenShannon: jensenShannonDistance(reference.counts, current.counts),
    chiSquare: chiSquareHomogeneity(reference.counts, current.counts),
    ...(reference.type === 'number' && current.type === 'number' ? compareNumbers(reference, current) : {}),
  };
  const measure = chooseMeasure({ type, referenceRows, kinds: kindsOf(reference, current) });
  const score = scoreOf(measure, measures, reference, current);
  const byDistance = measure === 'wasserstein' || measure === 'jensen-shannon';
  const threshold = byDistance ? DISTANCE_THRESHOLD : P_VALUE_THRESHOLD;
  const drifted = byDistance ? score >= threshold : score < threshold;
  return { name, type, ...measures, measure, score, threshold, drifted };
};

/**
 * Every measure of every column, and what changed in the data's quality. The thresholds are Evidently's defaults, for
 * reports: they have no known false-alarm rate, since rows of a day are not independent.
 * @throws InvalidRequestError when the profiles were counted by different bins.
 */
export const compareProfiles = (reference: TableProfile, current: TableProfile): ProfileComparison => {
  if (reference.binsId !== current.binsId) {
    throw new InvalidRequestError(
      `profiles must be counted by the same bins, got ${reference.binsId} and ${current.binsId}`,
    );
  }
  const columns = reference.columns.map((column, i) => {
    const other = current.columns[i];
    return other === undefined ? undefined : compareColumn(column, other, reference.rowCount);
  });
  return {
    referenceRows: reference.rowCount,
    currentRows: current.rowCount,
    columns: columns.filter((column) => column !== undefined),
    quality: qualityFindings(reference, current),
  };
};
