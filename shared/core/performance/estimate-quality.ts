import { expectedAuc } from './auc-influence.ts';
import { type Influenced, NORMAL_95 } from './influence.ts';
import type { Estimated, EstimatedMetric, EstimatedValues } from './performance-report.ts';
import { rowLogLoss } from './row-metrics.ts';

/** What labels would say if each were drawn by its chance, and how far a sample of them strays. */
export interface Expectation {
  readonly value: number;
  readonly standardError: number;
}

export type Expectations = Readonly<Partial<Record<EstimatedMetric, Expectation>>>;

/**
 * Labels are independent draws: the influence of one times its standard deviation, in squares. The chances were learnt from
 * labels that were drawn as well: as many rows as the window has would stray as far, more of them less.
 */
const strayOf = ({ value, influence }: Influenced, chances: ArrayLike<number>, learntRows: number): Expectation => {
  let variance = 0;
  for (let row = 0; row < influence.length; row += 1) {
    const [chance, moved] = [chances[row] as number, influence[row] as number];
    variance += chance * (1 - chance) * moved * moved;
  }
  return { value, standardError: Math.sqrt(variance * (1 + chances.length / learntRows)) };
};

/** A mean loss: expected row by row, and what it changes by when a label is 1 and not 0. */
const expectedMean = (chances: ArrayLike<number>, lossOf: (row: number, label: number) => number): Influenced => {
  const count = chances.length;
  const influence = new Float64Array(count);
  let sum = 0;
  for (let row = 0; row < count; row += 1) {
    const [ifNot, if1] = [lossOf(row, 0), lossOf(row, 1)];
    sum += ifNot + (chances[row] as number) * (if1 - ifNot);
    influence[row] = (if1 - ifNot) / count;
  }
  return { value: sum / count, influence };
};

/** 2·hits over answers and positives, at the expected numbers. */
const expectedF1 = (
  predictions: ArrayLike<number>,
  chances: ArrayLike<number>,
  threshold: number,
): Influenced | undefined => {
  let [answers, hits, positives] = [0, 0, 0];
  for (let row = 0; row < chances.length; row += 1) {
    const chance = chances[row] as number;
    positives += chance;
    if ((predictions[row] as number) < threshold) continue;
    answers += 1;
    hits += chance;
  }
  // As the measured one, which is none without a positive answer: of labels alone F1 says nothing.
  if (answers === 0) return undefined;
  const both = answers + positives;
  const influence = Float64Array.from(predictions, (prediction) => {
    const hit = prediction >= threshold ? both : 0;
    return (2 * (hit - hits)) / (both * both);
  });
  return { value: (2 * hits) / both, influence };
};

/**
 * Confidence-based performance estimation (NannyML's CBPE: docs/how_it_works/performance_estimation.rst): what a metric
 * of these answers will be when the labels are in, if each answer's calibrated chance is right. It stays right while only
 * the inputs drift, and errs by as much as the labels part from them.
 * @param predictions as they were answered: what is measured later is of these.
 * @param basis the calibrated chance of each, and how many labelled rows the calibration was learnt from
 */
export const expectQuality = (
  predictions: ArrayLike<number>,
  { chances, learntRows }: { readonly chances: ArrayLike<number>; readonly learntRows: number },
  threshold: number,
): Expectations => {
  const found: readonly (readonly [EstimatedMetric, Influenced | undefined])[] = [
    ['auc', expectedAuc(predictions, chances)],
    ['logLoss', expectedMean(chances, (row, label) => rowLogLoss(label, predictions[row] as number))],
    ['brier', expectedMean(chances, (row, label) => ((predictions[row] as number) - label) ** 2)],
    ['f1', expectedF1(predictions, chances, threshold)],
  ];
  return Object.fromEntries(
    found.flatMap(([metric, influenced]) =>
      influenced === undefined ? [] : [[metric, strayOf(influenced, chances, learntRows)] as const],
    ),
  );
};

/** Past estimates below which intervals are of sampling alone. */
export const FEWEST_RECONCILED = 20;
/** Newest past estimates that are looked at: older ones are of another world. */
export const MOST_RECONCILED = 60;
const CONFIDENCE = 0.95;

/**
 * By how many standard errors an interval of 95 % must reach: the ⌈0.95·(n + 1)⌉-th smallest absolute standardised error
 * of the newest n past estimates (split conformal: Lei et al. 2018), and never fewer than sampling alone asks for.
 * @param errors oldest first: (actual − estimate) / standard error.
 */
export const standardErrorsWide = (errors: readonly number[]): number => {
  const newest = errors.slice(-MOST_RECONCILED);
  if (newest.length < FEWEST_RECONCILED) return NORMAL_95;
  const sizes = newest.map(Math.abs).sort((a, b) => a - b);
  const rank = Math.min(sizes.length, Math.ceil(CONFIDENCE * (sizes.length + 1)));
  return Math.max(NORMAL_95, sizes[rank - 1] as number);
};

const LEAST: Readonly<Partial<Record<EstimatedMetric, number>>> = { auc: 0, logLoss: 0, brier: 0, f1: 0 };
const MOST: Readonly<Partial<Record<EstimatedMetric, number>>> = { auc: 1, brier: 1, f1: 1 };

const within = (metric: EstimatedMetric, value: number): number =>
  Math.min(MOST[metric] ?? Number.POSITIVE_INFINITY, Math.max(LEAST[metric] ?? Number.NEGATIVE_INFINITY, value));

/** Expectations as they are told: with the interval of sampling, and the one that past errors of the metric ask for. */
export const tellEstimates = (
  expectations: Expectations,
  pastErrors: (metric: EstimatedMetric) => readonly number[],
): EstimatedValues =>
  Object.fromEntries(
    (Object.entries(expectations) as readonly [EstimatedMetric, Expectation][]).map(
      ([metric, { value, standardError }]): readonly [EstimatedMetric, Estimated] => {
        const [sampling, told] = [NORMAL_95 * standardError, standardErrorsWide(pastErrors(metric)) * standardError];
        return [
          metric,
          {
            value,
            standardError,
            lower: within(metric, value - told),
            upper: within(metric, value + told),
            samplingLower: within(metric, value - sampling),
            samplingUpper: within(metric, value + sampling),
          },
        ];
      },
    ),
  );
