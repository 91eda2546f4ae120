/** What wrong decisions cost, in any one unit. */
export interface DecisionCosts {
  /** Said to come true, and did not. */
  readonly falseAlarm: number;
  /** Came true, and was not said to. */
  readonly miss: number;
}

export interface ThresholdRow {
  /** Rows of this probability or more count as positive. */
  readonly threshold: number;
  readonly alarmShare: number;
  /** Absent where no row counts as positive. */
  readonly precision?: number;
  /** Absent where no row is positive. */
  readonly recall?: number;
  /** Mean cost a row. */
  readonly cost: number;
}

const STEPS = 100;

/** Positive and negative rows at or above each threshold 0, 0.01, … 1. */
const countsAbove = (labels: ArrayLike<number>, probabilities: ArrayLike<number>) => {
  const order = Uint32Array.from({ length: labels.length }, (_, row) => row).sort(
    (a, b) => (probabilities[b] as number) - (probabilities[a] as number),
  );
  const counts: { positives: number; alarms: number }[] = [];
  let positives = 0;
  let alarms = 0;
  for (let step = STEPS; step >= 0; step--) {
    while (alarms < order.length && (probabilities[order[alarms] as number] as number) >= step / STEPS) {
      positives += labels[order[alarms] as number] as number;
      alarms += 1;
    }
    counts.unshift({ positives, alarms });
  }
  return counts;
};

/** What deciding by each of 101 thresholds comes to. */
export const thresholdCosts = (
  { labels, predictions }: { readonly labels: ArrayLike<number>; readonly predictions: ArrayLike<number> },
  { falseAlarm, miss }: DecisionCosts,
): readonly ThresholdRow[] => {
  const rowCount = labels.length;
  let positiveCount = 0;
  for (let row = 0; row < rowCount; row++) positiveCount += labels[row] as number;
  return countsAbove(labels, predictions).map(({ positives, alarms }, step) => ({
    threshold: step / STEPS,
    alarmShare: alarms / rowCount,
    ...(alarms === 0 ? {} : { precision: positives / alarms }),
    ...(positiveCount === 0 ? {} : { recall: positives / positiveCount }),
    cost: (falseAlarm * (alarms - positives) + miss * (positiveCount - positives)) / rowCount,
  }));
};

/** The least costly; of equal ones the lowest. */
export const bestThreshold = (rows: readonly ThresholdRow[]): ThresholdRow | undefined =>
  rows.reduce<ThresholdRow | undefined>(
    (best, row) => (best === undefined || row.cost < best.cost ? row : best),
    undefined,
  );
