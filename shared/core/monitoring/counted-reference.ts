import { assert } from '../../kernel/assert.ts';
import { DAY_MS } from '../../kernel/time.ts';
import {
  type ColumnBins,
  type ColumnProfile,
  mergeProfiles,
  type TableBins,
  type TableProfile,
  tableBins,
} from '../profiles/index.ts';
import { PREDICTION_COLUMN } from './fold-plan.ts';
import type { FeatureProfile, NullWindows, ReferenceProfile } from './reference-profile.ts';
import type { TrainingReference } from './training-reference.ts';

/** How a column is compared; `whole-weeks` columns (calendar) only over whole weeks, as a part week always differs. */
export type MonitorKind = FeatureProfile['monitor'];

export interface CountedColumn {
  readonly name: string;
  readonly monitor: MonitorKind;
  readonly counts: ArrayLike<number>;
  readonly missingCount: number;
  /** Of numbers that have values. */
  readonly mean?: number;
  readonly standardDeviation?: number;
}

/** A version's reference as counts in bins: what is known of every version, whichever release trained it. */
export interface CountedReference {
  readonly bins: TableBins;
  /** Features, in the order of the bins. */
  readonly columns: readonly CountedColumn[];
  readonly prediction: { readonly counts: ArrayLike<number>; readonly mean: number };
  readonly nullWindows: NullWindows;
}

const binsOf = (feature: FeatureProfile): ColumnBins => {
  const { name } = feature;
  if (feature.type === 'category') return { name, type: 'category', categories: feature.categories };
  const { edges, min, max } = feature;
  return { name, type: 'number', edges, ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
};

/** Of a version that was trained before there were profiles by day: the bins of its reference profile. */
export const countedProfile = (reference: ReferenceProfile): CountedReference => {
  const { features, prediction, nullWindows } = reference;
  return {
    bins: tableBins([...features.map(binsOf), { name: PREDICTION_COLUMN, type: 'number', edges: prediction.edges }]),
    columns: features.map((feature) => {
      const { name, monitor, counts, missingCount } = feature;
      const known = feature.type === 'number' ? feature : undefined;
      return {
        name,
        monitor,
        counts,
        missingCount,
        ...(known?.mean === undefined ? {} : { mean: known.mean }),
        ...(known?.standardDeviation === undefined ? {} : { standardDeviation: known.standardDeviation }),
      };
    }),
    prediction,
    nullWindows,
  };
};

const WEEK_DAYS = 7;

/** Of days, those of the newest whole weeks; all of them when there is no whole week. */
export const newestWeeks = <Day extends { readonly day: string }>(days: readonly Day[]): readonly Day[] => {
  const numbers = days.map(({ day }) => Date.parse(day) / DAY_MS);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const weekCount = Math.floor((last - first + 1) / WEEK_DAYS);
  return weekCount === 0 ? days : days.filter((_, i) => (numbers[i] as number) > last - weekCount * WEEK_DAYS);
};

/** The reference's rows of its newest whole weeks. */
export const referenceWeeks = ({ bins, days }: TrainingReference): TableProfile =>
  mergeProfiles(
    bins,
    newestWeeks(days).map(({ profile }) => profile),
  );

const countedColumn = (column: ColumnProfile, monitor: MonitorKind): CountedColumn => {
  const { name, counts, missingCount } = column;
  const moments = column.type === 'number' && column.moments.count > 0 ? column.moments : undefined;
  return {
    name,
    monitor,
    counts,
    missingCount,
    ...(moments === undefined
      ? {}
      : { mean: moments.mean, standardDeviation: Math.sqrt(moments.squares / Math.max(1, moments.count - 1)) }),
  };
};

/** Of a version with profiles by day. */
export const countedTraining = (training: TrainingReference, profile: ReferenceProfile): CountedReference => {
  const monitors = new Map(profile.features.map(({ name, monitor }) => [name, monitor]));
  const weeks = [...monitors.values()].includes('whole-weeks') ? referenceWeeks(training) : training.whole;
  const columns = training.whole.columns.map((column, i) => {
    const monitor = monitors.get(column.name) ?? 'report';
    return countedColumn(monitor === 'report' ? column : (weeks.columns[i] as ColumnProfile), monitor);
  });
  const prediction = columns.at(-1);
  assert(prediction?.name === PREDICTION_COLUMN, 'the last column is the prediction');
  return {
    bins: training.bins,
    columns: columns.slice(0, -1),
    prediction: { counts: prediction.counts, mean: prediction.mean ?? profile.prediction.mean },
    nullWindows: profile.nullWindows,
  };
};
