import { DAY_MS } from '../../kernel/time.ts';
import { measureQuality, type Quality } from '../evaluation/index.ts';
import { histogram } from '../statistics/histogram.ts';
import { moments } from '../statistics/moments.ts';
import { countFeature, type FeatureCounts } from './feature-counts.ts';
import type { CaptureWindow, WindowRow } from './fold-window.ts';
import type { FeatureProfile, ReferenceProfile } from './reference-profile.ts';

export interface WindowFeature extends FeatureCounts {
  readonly name: string;
  /** Mean of a number's values; absent when there are none. */
  readonly mean?: number;
}

/** A window counted by the bins of a reference: small, and all that the comparison needs. */
export interface WindowProfile {
  readonly schemaVersion: 1;
  readonly fromMs: number;
  readonly toMs: number;
  readonly rowCount: number;
  /** UTC days of the window that have rows. */
  readonly dayCount: number;
  readonly duplicateCount: number;
  /** Rows by the model version that answered. */
  readonly versions: Readonly<Record<string, number>>;
  readonly features: readonly WindowFeature[];
  readonly predictionCounts: readonly number[];
  /** Absent without rows. */
  readonly predictionMean?: number;
  /** Of the rows whose label is known by now: the newest are still missing. Absent without labels. */
  readonly quality?: Quality;
}

const WEEK_MS = 7 * DAY_MS;

const rowsOf = (feature: FeatureProfile, { rows, fromMs, toMs }: CaptureWindow): readonly WindowRow[] => {
  if (feature.monitor === 'report') return rows;
  const weekCount = Math.floor((toMs - fromMs) / WEEK_MS);
  return rows.filter(({ atMs }) => atMs >= toMs - weekCount * WEEK_MS);
};

const profileFeature = (feature: FeatureProfile, window: CaptureWindow): WindowFeature => {
  const values = rowsOf(feature, window).map(({ inputs }) => inputs[feature.name]);
  const numbers = values.filter((value) => typeof value === 'number');
  const mean = feature.type === 'number' ? moments(numbers)?.mean : undefined;
  return { name: feature.name, ...countFeature(feature, values), ...(mean === undefined ? {} : { mean }) };
};

const qualityOf = (reference: ReferenceProfile, rows: readonly WindowRow[]): Quality | undefined => {
  const labelled = rows.filter((row): row is WindowRow & { readonly label: number } => row.label !== undefined);
  if (labelled.length === 0) return undefined;
  return measureQuality(reference.task, {
    labels: labelled.map(({ label }) => label),
    predictions: labelled.map(({ output }) => output),
  });
};

const countVersions = (rows: readonly WindowRow[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { version } of rows) counts[version] = (counts[version] ?? 0) + 1;
  return counts;
};

/**
 * Counts a window's rows by the reference's bins. `whole-weeks` features count the newest whole weeks of the window
 * only, so they have no rows in a window shorter than a week.
 * @throws InvalidRequestError when a label is not what the task allows.
 */
export const profileWindow = (reference: ReferenceProfile, window: CaptureWindow): WindowProfile => {
  const { rows, fromMs, toMs, duplicateCount } = window;
  const outputs = rows.map(({ output }) => output);
  const predictionMean = moments(outputs)?.mean;
  const quality = qualityOf(reference, rows);
  return {
    schemaVersion: 1,
    fromMs,
    toMs,
    rowCount: rows.length,
    dayCount: new Set(rows.map(({ atMs }) => Math.floor(atMs / DAY_MS))).size,
    duplicateCount,
    versions: countVersions(rows),
    features: reference.features.map((feature) => profileFeature(feature, window)),
    predictionCounts: histogram(reference.prediction.edges, outputs),
    ...(predictionMean === undefined ? {} : { predictionMean }),
    ...(quality ? { quality } : {}),
  };
};
