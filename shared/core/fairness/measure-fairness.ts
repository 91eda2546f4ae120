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
  /** Absent where a group has no label of one class. */
  readonly equalizedOdds?: MeasuredSpread;
}

export interface FairnessReport {
  /** Probability from which on a prediction counts as positive; absent for a regression. */
  readonly threshold?: number;
  readonly rows: readonly FairnessRow[];
  /** Of classifications. */
  readonly summaries: readonly FairnessSummary[];
  /** Groups with fewer labelled rows are left out. */
  readonly fewestRows: number;
  readonly intervalBy: 'days' | 'rows';
}

export interface FairnessSettings {
  /** Absent: predictions are no probabilities, and their means and errors are compared. */
  readonly threshold?: number | undefined;
  readonly fewestRows: number;
}

/** Without the groups that are too small to be told. */
const withEnoughRows = (rows: GroupedRows, fewestRows: number): GroupedRows => {
  const counts = new Map<string, number>();
  for (const group of rows.groups) counts.set(group, (counts.get(group) ?? 0) + 1);
  const kept = rows.groups.flatMap((group, row) => ((counts.get(group) ?? 0) >= fewestRows ? [row] : []));
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
    const frames = evaluateFrames(withEnoughRows(all, fewestRows), metrics);
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
