import { DAY_MS, utcDay } from '../../kernel/time.ts';
import type { DayCount } from '../monitoring/index.ts';

/** What a number of predictions a day is drawn from. */
export type PredictionsSource =
  | { readonly kind: 'declared' }
  /** `dayCount` days with a count, the newest of them `throughDay` (YYYY-MM-DD). */
  | { readonly kind: 'captured'; readonly dayCount: number; readonly throughDay: string }
  /** The labelled rows of the holdout; `reason`: why no traffic is counted. */
  | { readonly kind: 'dataset'; readonly reason: string };

/** Predictions a day that a gain is counted on. */
export interface PredictionsPerDay {
  readonly predictionsPerDay: number;
  readonly predictionsFrom: PredictionsSource;
}

/** Captured predictions by day, in any order; or why nobody knows them. */
export type TrafficOnRecord = readonly DayCount[] | { readonly refused: string };

/** Days before a decision whose traffic counts: four whole weeks, so that each weekday counts alike. */
export const TRAFFIC_DAYS = 28;

const isKnown = (traffic: TrafficOnRecord): traffic is readonly DayCount[] => Array.isArray(traffic);

/** The last four weeks before a day; days before the first traffic are not days without traffic. */
const lastDays = (days: readonly DayCount[], asOfMs: number): readonly DayCount[] => {
  const sorted = days.toSorted((one, other) => (one.day < other.day ? -1 : 1));
  const first = sorted.find(({ rowCount }) => rowCount > 0)?.day ?? '9999';
  const from = utcDay(asOfMs - TRAFFIC_DAYS * DAY_MS);
  return sorted.filter(({ day }) => day >= first && day >= from && day < utcDay(asOfMs));
};

/**
 * How many predictions a day are asked of a model: as captured on the last 28 days before `asOfMs`, as far as they have a
 * count; without a single one the dataset's labelled rows a day, which may be far more than is asked, or fewer.
 */
export const countPredictions = (
  traffic: TrafficOnRecord,
  { asOfMs, rowsPerDay }: { readonly asOfMs: number; readonly rowsPerDay: number },
): PredictionsPerDay => {
  const byDataset = (reason: string): PredictionsPerDay => ({
    predictionsPerDay: rowsPerDay,
    predictionsFrom: { kind: 'dataset', reason },
  });
  if (!isKnown(traffic)) return byDataset(traffic.refused);
  const days = lastDays(traffic, asOfMs);
  const sum = days.reduce((total, { rowCount }) => total + rowCount, 0);
  const throughDay = days.at(-1)?.day;
  if (sum === 0 || throughDay === undefined) return byDataset(`none was captured in the last ${TRAFFIC_DAYS} days`);
  return {
    predictionsPerDay: sum / days.length,
    predictionsFrom: { kind: 'captured', dayCount: days.length, throughDay },
  };
};

const tellSource = (source: PredictionsSource): string => {
  if (source.kind === 'declared') return 'declared';
  if (source.kind === 'dataset') return `the dataset's rows: ${source.reason}`;
  return `captured over ${source.dayCount} day${source.dayCount === 1 ? '' : 's'} to ${source.throughDay}`;
};

/** The number in words, with its source where that is on record. */
export const tellPredictions = ({
  predictionsPerDay,
  predictionsFrom,
}: {
  readonly predictionsPerDay: number;
  /** Absent in records from before it was told. */
  readonly predictionsFrom?: PredictionsSource | undefined;
}): string => {
  const told = `${Number(predictionsPerDay.toPrecision(3))} predictions a day`;
  return predictionsFrom === undefined ? told : `${told} (${tellSource(predictionsFrom)})`;
};
