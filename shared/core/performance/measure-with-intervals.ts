import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Task } from '../evaluation/index.ts';
import { aucInfluence } from './auc-influence.ts';
import { calibrationSlopeInfluence } from './calibration-slope.ts';
import { type Bounds, FEWEST_DAYS, type Influenced, measured } from './influence.ts';
import type { Measured, MetricName, MetricValues, QualityRow } from './performance-report.ts';
import {
  calibrationErrorInfluence,
  meanInfluence,
  ratioInfluence,
  rootOf,
  rowLogLoss,
  rowPercentageError,
  rowQuantileLoss,
} from './row-metrics.ts';

/** Labelled predictions, in one order. */
export interface LabelledRows {
  readonly labels: ArrayLike<number>;
  readonly predictions: ArrayLike<number>;
  /** UTC day of each prediction, as whole days since 1970. */
  readonly days: ArrayLike<number>;
}

export interface QualitySettings {
  readonly task: Task;
  /** Probability from which on a prediction counts as positive. */
  readonly threshold: number;
  /** Quantile that a regression predicts; absent: its quantile loss is not measured. */
  readonly quantile?: number | undefined;
}

const SHARE: Bounds = { least: 0, most: 1 };
const LOSS: Bounds = { least: 0 };

type Found = readonly [MetricName, () => Influenced | undefined, Bounds];

const classificationMetrics = ({ labels, predictions }: LabelledRows, threshold: number): readonly Found[] => {
  const count = labels.length;
  const label = (row: number): number => labels[row] as number;
  const chance = (row: number): number => predictions[row] as number;
  const answer = (row: number): number => (chance(row) >= threshold ? 1 : 0);
  const hit = (row: number): number => answer(row) * label(row);
  return [
    ['auc', () => aucInfluence(labels, predictions), SHARE],
    ['logLoss', () => meanInfluence(count, (row) => rowLogLoss(label(row), chance(row))), LOSS],
    ['brier', () => meanInfluence(count, (row) => (chance(row) - label(row)) ** 2), SHARE],
    ['calibrationError', () => calibrationErrorInfluence(labels, predictions), SHARE],
    ['calibrationSlope', () => calibrationSlopeInfluence(labels, predictions), {}],
    ['accuracy', () => meanInfluence(count, (row) => (answer(row) === label(row) ? 1 : 0)), SHARE],
    ['precision', () => ratioInfluence(count, hit, answer), SHARE],
    ['recall', () => ratioInfluence(count, hit, label), SHARE],
    [
      'f1',
      () =>
        ratioInfluence(
          count,
          (row) => 2 * hit(row),
          (row) => answer(row) + label(row),
        ),
      SHARE,
    ],
  ];
};

const regressionMetrics = ({ labels, predictions }: LabelledRows, quantile: number | undefined): readonly Found[] => {
  const count = labels.length;
  const mean = (of: (label: number, prediction: number) => number): Influenced =>
    meanInfluence(count, (row) => of(labels[row] as number, predictions[row] as number));
  return [
    ['rmse', () => rootOf(mean((label, prediction) => (label - prediction) ** 2)), LOSS],
    ['mae', () => mean((label, prediction) => Math.abs(label - prediction)), LOSS],
    ['mape', () => mean(rowPercentageError), LOSS],
    ...(quantile === undefined
      ? []
      : [
          [
            'quantileLoss',
            () => mean((label, prediction) => rowQuantileLoss(label, prediction, quantile)),
            LOSS,
          ] as const,
        ]),
  ];
};

const checkRows = ({ labels, predictions, days }: LabelledRows, task: Task): void => {
  if (labels.length !== predictions.length || labels.length !== days.length)
    throw new InvalidRequestError(
      `quality needs as many predictions and days as labels, got ${labels.length} labels, ${predictions.length} predictions and ${days.length} days`,
    );
  for (let row = 0; row < labels.length; row += 1) {
    const [label, prediction] = [labels[row] as number, predictions[row] as number];
    const fits =
      task === 'regression'
        ? Number.isFinite(label) && Number.isFinite(prediction)
        : (label === 0 || label === 1) && prediction >= 0 && prediction <= 1;
    if (!fits)
      throw new InvalidRequestError(
        `row ${row} must have ${task === 'regression' ? 'a finite label and prediction' : 'a label of 0 or 1 and a probability'}, got ${label} and ${prediction}`,
      );
  }
};

export const countDays = (days: ArrayLike<number>): number => new Set(Array.from(days)).size;

/**
 * How well labelled predictions were met, each metric with its interval: by days from 8 on, by rows below. A metric that
 * the rows do not have (an AUC of one class, a precision without positive answers) is absent.
 * @param only these metrics; absent: all that the task has.
 * @throws InvalidRequestError for unequal lengths or values that the task does not allow.
 */
export const measureWithIntervals = (
  rows: LabelledRows,
  { task, threshold, quantile }: QualitySettings,
  only?: readonly MetricName[],
): Pick<QualityRow, 'rowCount' | 'dayCount' | 'intervalBy' | 'metrics'> => {
  checkRows(rows, task);
  const dayCount = countDays(rows.days);
  const intervalBy = dayCount >= FEWEST_DAYS ? 'days' : 'rows';
  const rowCount = rows.labels.length;
  if (rowCount === 0) return { rowCount, dayCount, intervalBy, metrics: {} };
  const found = task === 'regression' ? regressionMetrics(rows, quantile) : classificationMetrics(rows, threshold);
  const metrics: Partial<Record<MetricName, Measured>> = {};
  for (const [name, find, bounds] of found) {
    const influenced = only === undefined || only.includes(name) ? find() : undefined;
    if (influenced !== undefined) metrics[name] = measured(influenced, { days: rows.days, dayCount }, bounds);
  }
  return { rowCount, dayCount, intervalBy, metrics: metrics satisfies MetricValues };
};
