import { InvalidRequestError } from '../../kernel/errors.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { Task } from '../evaluation/index.ts';
import { histogram } from '../statistics/histogram.ts';
import { type Moments, moments } from '../statistics/moments.ts';
import { quantileEdges } from '../statistics/quantile-edges.ts';
import { type CellValue, countFeature, isMissing } from './feature-counts.ts';
import { nullWindows } from './null-windows.ts';
import type { FeatureProfile, MonitoredFeature, ReferenceProfile } from './reference-profile.ts';

/** Bins of a number; also of the prediction. */
const BIN_COUNT = 10;
/** Categories that have a bin of their own; the rest share one. */
const MAX_CATEGORIES = 50;
const WEEK_MS = 7 * DAY_MS;

export interface ProfileInput {
  readonly task: Task;
  readonly features: readonly MonitoredFeature[];
  /** Feature → one value per row; missing is NaN or the empty string. */
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  readonly eventAtMs: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  /** The model's answers to the rows. */
  readonly predictions: ArrayLike<number>;
  /** Length of the window that will be compared with the profile. */
  readonly windowDays: number;
}

const topCategories = (values: readonly CellValue[]): readonly string[] => {
  const counts = new Map<string, number>();
  for (const value of values) if (!isMissing(value)) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const byCountThenName = ([nameA, a]: [string, number], [nameB, b]: [string, number]): number =>
    b - a || (nameA < nameB ? -1 : 1);
  return [...counts]
    .sort(byCountThenName)
    .slice(0, MAX_CATEGORIES)
    .map(([name]) => name);
};

const profileFeature = (feature: MonitoredFeature, values: readonly CellValue[]): FeatureProfile => {
  const { name, type, monitor } = feature;
  if (type === 'category') {
    const categories = topCategories(values);
    return { name, monitor, type, categories, ...countFeature({ type, categories }, values) };
  }
  const known = values.filter((value): value is number => !isMissing(value));
  const edges = known.length > 0 ? quantileEdges(known, BIN_COUNT) : [];
  const range = {
    ...(feature.min === undefined ? {} : { min: feature.min }),
    ...(feature.max === undefined ? {} : { max: feature.max }),
  };
  const found = moments(known);
  return {
    name,
    monitor,
    type,
    ...range,
    edges,
    ...countFeature({ type, edges, ...range }, values),
    ...(found ? { mean: found.mean, standardDeviation: found.standardDeviation } : {}),
  };
};

/** First instant of the newest whole weeks; all of the rows when there is no whole week. */
const wholeWeeksFromMs = (fromMs: number, throughMs: number): number => {
  const endMs = (Math.floor(throughMs / DAY_MS) + 1) * DAY_MS;
  const weekCount = Math.floor((endMs - Math.floor(fromMs / DAY_MS) * DAY_MS) / WEEK_MS);
  return weekCount === 0 ? fromMs : endMs - weekCount * WEEK_MS;
};

const checkLengths = ({ features, columns, eventAtMs, labels, predictions }: ProfileInput): void => {
  const lengths: readonly [string, number | undefined][] = [
    ['labels', labels.length],
    ['predictions', predictions.length],
    ...features.map(({ name }): [string, number | undefined] => [`feature ${name}`, columns.get(name)?.length]),
  ];
  if (eventAtMs.length === 0) throw new InvalidRequestError('a reference profile needs at least one row, got 0');
  for (const [name, length] of lengths) {
    if (length !== eventAtMs.length) {
      throw new InvalidRequestError(`${name} must have ${eventAtMs.length} values, got ${length ?? 'none'}`);
    }
  }
};

/**
 * Profiles a model's training rows and its answers to them.
 *
 * Binning: at most ten bins of equally many reference rows each (`quantileEdges`: right-closed, ties share a bin);
 * categories by count, ties by name, the 50 most frequent on their own. `whole-weeks` features are profiled over the
 * newest whole weeks of the rows.
 * @throws InvalidRequestError for no rows, or columns of unequal length.
 */
export const makeProfile = (input: ProfileInput): ReferenceProfile => {
  checkLengths(input);
  const { eventAtMs, predictions, labels } = input;
  const span = moments(eventAtMs) as Moments;
  const weeksFromMs = wholeWeeksFromMs(span.minimum, span.maximum);
  const inWholeWeeks = (_: CellValue, row: number): boolean => (eventAtMs[row] ?? 0) >= weeksFromMs;
  const features = input.features.map((feature) => {
    const values: readonly CellValue[] = Array.from<CellValue>(input.columns.get(feature.name) ?? []);
    return profileFeature(feature, feature.monitor === 'whole-weeks' ? values.filter(inWholeWeeks) : values);
  });
  const edges = quantileEdges(predictions, BIN_COUNT);
  const predicted = moments(predictions) as Moments;
  return {
    schemaVersion: 1,
    task: input.task,
    rowCount: eventAtMs.length,
    fromMs: span.minimum,
    throughMs: span.maximum,
    features,
    prediction: {
      edges,
      counts: histogram(edges, predictions),
      mean: predicted.mean,
      standardDeviation: predicted.standardDeviation,
    },
    labelMean: (moments(labels) as Moments).mean,
    nullWindows: nullWindows({ edges, eventAtMs, predictions, windowDays: input.windowDays }),
  };
};
