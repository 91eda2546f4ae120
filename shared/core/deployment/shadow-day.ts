/** One day of a paired comparison: both versions scored the same captured inputs, and the labels are in. */
export interface ShadowDay {
  readonly model: string;
  readonly champion: number;
  readonly challenger: number;
  /** `YYYY-MM-DD`, UTC, of the predictions. */
  readonly day: string;
  /** Labelled predictions that both versions scored. */
  readonly rowCount: number;
  /** Predictions that both versions scored, labelled or not. */
  readonly scoredCount?: number;
  /** Mean over rows of the challenger's loss less the champion's; below 0 the challenger is better. */
  readonly meanDifference: number;
  /** Sum over rows of the squared difference, for what the rows alone would say. */
  readonly sumOfSquares: number;
  /** Mean losses themselves: log loss, or the squared error of a regression. */
  readonly championLoss: number;
  readonly challengerLoss: number;
  readonly computedAtMs: number;
}

type Losses = Pick<ShadowDay, 'rowCount' | 'meanDifference' | 'sumOfSquares' | 'championLoss' | 'challengerLoss'>;

export interface LabelledPair {
  readonly challenger: number;
  readonly champion: number;
  readonly label: number;
}

/** As `log-loss` clips: one wrong certainty must not decide a day by itself. */
const logLossOf = (probability: number, label: number): number => {
  const ofLabel = label === 1 ? probability : 1 - probability;
  return -Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, ofLabel)));
};

const squaredError = (prediction: number, label: number): number => (prediction - label) ** 2;

/** A day's losses, row by row: by log loss, or by squared error where the task is a regression. */
export const pairedLosses = (task: 'binary-classification' | 'regression', pairs: Iterable<LabelledPair>): Losses => {
  const lossOf = task === 'regression' ? squaredError : logLossOf;
  let [rowCount, challengerSum, championSum, sumOfSquares] = [0, 0, 0, 0];
  for (const { challenger, champion, label } of pairs) {
    const [ours, theirs] = [lossOf(challenger, label), lossOf(champion, label)];
    rowCount += 1;
    challengerSum += ours;
    championSum += theirs;
    sumOfSquares += (ours - theirs) ** 2;
  }
  const perRow = Math.max(1, rowCount);
  return {
    rowCount,
    meanDifference: (challengerSum - championSum) / perRow,
    sumOfSquares,
    championLoss: championSum / perRow,
    challengerLoss: challengerSum / perRow,
  };
};
