import {
  accuracy,
  falsePositiveRate,
  type GroupMetric,
  meanAbsoluteError,
  meanPrediction,
  selectionRate,
  truePositiveRate,
} from './group-metrics.ts';
import {
  evaluateFrames,
  type GroupedRows,
  type MeasuredSpread,
  type MetricFrame,
  metricFrame,
  worstSpread,
} from './metric-frame.ts';

/** A metric by group, as Fairlearn's MetricFrame has it. */
export interface FairnessRow extends MetricFrame {
  /** What divides the groups: a declared name. */
  readonly by: string;
  readonly metric: string;
}

/** The two summaries that have names of their own: selection rates, and the worse of true and false positive rates. */
export interface FairnessSummary {
  readonly by: string;
  readonly demographicParity: MeasuredSpread;
  /** Absent where no group has labels enough of each class. */
  readonly equalizedOdds?: MeasuredSpread;
}

export interface FairnessReport {
  /** Probability from which on a prediction counts as positive; absent for a regression. */
  readonly threshold?: number;
  readonly rows: readonly FairnessRow[];
  /** Of classifications. */
  readonly summaries: readonly FairnessSummary[];
  /** Groups with fewer labelled rows are left out, and rates of fewer than 30 rows, if that is less. */
  readonly fewestRows: number;
  readonly intervalBy: 'days' | 'rows';
}

export interface FairnessSettings {
  /** Absent: predictions are no probabilities, and their means and errors are compared. */
  readonly threshold?: number | undefined;
  readonly fewestRows: number;
}

/** A rate of fewer rows is known too badly to be drawn again: all of three positives may well be found by chance. */
const FEWEST_OF_A_RATE = 30;
/** Every two groups are compared. */
const MOST_GROUPS = 100;

/** Without the groups that are too small to be told, and of too many the smallest. */
const withEnoughRows = (rows: GroupedRows, fewestRows: number): GroupedRows => {
  const counts = new Map<string, number>();
  for (const group of rows.groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  const large = [...counts]
    .filter(([, count]) => count >= fewestRows)
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .slice(0, MOST_GROUPS);
  const told = new Set(large.map(([group]) => group));
  const kept = rows.groups.flatMap((group, row) => (told.has(group) ? [row] : []));
  const of = (values: ArrayLike<number>): Float64Array => Float64Array.from(kept, (row) => values[row] as number);
  return {
    labels: of(rows.labels),
    predictions: of(rows.predictions),
    days: of(rows.days),
    groups: kept.map((row) => rows.groups[row] as string),
  };
};

const metricsFor = (threshold: number | undefined): Readonly<Record<string, GroupMetric>> =>
  threshold === undefined
    ? { meanPrediction, meanAbsoluteError }
    : {
        selectionRate: selectionRate(threshold),
        truePositiveRate: truePositiveRate(threshold),
        falsePositiveRate: falsePositiveRate(threshold),
        accuracy: accuracy(threshold),
      };

/**
 * How the groups of each division fare.
 * @param divisions by declared name: the same rows, or some of them, with their groups.
 */
export const measureFairness = (
  divisions: ReadonlyMap<string, GroupedRows>,
  { threshold, fewestRows }: FairnessSettings,
): FairnessReport => {
  const metrics = metricsFor(threshold);
  const rows: FairnessRow[] = [];
  const summaries: FairnessSummary[] = [];
  let intervalBy: FairnessReport['intervalBy'] = 'rows';
  for (const [by, all] of divisions) {
    const frames = evaluateFrames(withEnoughRows(all, fewestRows), metrics, Math.min(fewestRows, FEWEST_OF_A_RATE));
    intervalBy = frames.intervalBy;
    for (const metric of Object.keys(metrics)) {
      const frame = metricFrame(frames, metric);
      if (frame !== undefined) rows.push({ by, metric, ...frame });
    }
    const demographicParity = worstSpread(frames, ['selectionRate']);
    const equalizedOdds = worstSpread(frames, ['truePositiveRate', 'falsePositiveRate']);
    if (demographicParity !== undefined)
      summaries.push({ by, demographicParity, ...(equalizedOdds === undefined ? {} : { equalizedOdds }) });
  }
  return { ...(threshold === undefined ? {} : { threshold }), rows, summaries, fewestRows, intervalBy };
};
