import type { Task } from '../evaluation/index.ts';
import { meanInterval } from '../statistics/mean-interval.ts';
import { quantileEdges } from '../statistics/quantile-edges.ts';
import { wilsonInterval } from '../statistics/wilson-interval.ts';

/** Rows of like predictions, and what came true of them. */
export interface CalibrationBin {
  readonly rowCount: number;
  readonly predictionMean: number;
  readonly labelMean: number;
  /** Of the label's mean, 95 %, rows taken as independent: they share their day, so it is too narrow rather than too wide. */
  readonly lower: number;
  readonly upper: number;
}

const BINS = 10;
const Z95 = 1.959964;

const intervalOf = (task: Task, labels: readonly number[], mean: number): { lower: number; upper: number } => {
  if (task === 'binary-classification') {
    const positives = labels.reduce((sum, label) => sum + label, 0);
    const { lower, upper } = wilsonInterval(positives, labels.length, Z95);
    return { lower, upper };
  }
  const { lower, upper } = meanInterval(labels) ?? { lower: mean, upper: mean };
  return { lower, upper };
};

/** Ten bins of equally many rows, by prediction; fewer where predictions are tied. */
export const calibrationBins = (
  task: Task,
  { labels, predictions }: { readonly labels: ArrayLike<number>; readonly predictions: ArrayLike<number> },
): readonly CalibrationBin[] => {
  const edges = quantileEdges(predictions, BINS);
  const bins = Array.from({ length: edges.length + 1 }, () => ({ labels: [] as number[], sum: 0 }));
  for (let row = 0; row < labels.length; row++) {
    const prediction = predictions[row] as number;
    const at = edges.findIndex((edge) => prediction <= edge);
    const bin = bins[at === -1 ? edges.length : at] as (typeof bins)[number];
    bin.labels.push(labels[row] as number);
    bin.sum += prediction;
  }
  return bins
    .filter((bin) => bin.labels.length > 0)
    .map((bin) => {
      const rowCount = bin.labels.length;
      const labelMean = bin.labels.reduce((sum, label) => sum + label, 0) / rowCount;
      const predictionMean = bin.sum / rowCount;
      return { rowCount, predictionMean, labelMean, ...intervalOf(task, bin.labels, labelMean) };
    });
};
