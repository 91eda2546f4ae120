import { renderStaleness, type StalenessCurve } from '../pages/index.ts';
import { type Chart, renderChart, renderNote, shortNumber } from '../reports/index.ts';

/** Whether retraining pays: what it would have gained on each day of the back-test, against what it must gain. */

/** Of one prediction. */
interface Gain {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
}

interface BackTestedDay {
  readonly day: string;
  readonly incumbentLoss: number;
  readonly candidateLoss: number;
  readonly incumbentCost?: number | undefined;
  readonly candidateCost?: number | undefined;
}

/** What was found about a run that an alarm asked for. */
interface WorthFacts {
  readonly backTest?:
    | { readonly days: readonly BackTestedDay[]; readonly gain: Gain; readonly costGain?: Gain | undefined }
    | undefined;
  readonly value?:
    | {
        readonly of: 'loss' | 'costs';
        /** Dollars of one unit of it. */
        readonly usdPerUnit: number;
        readonly predictionsPerDay: number;
        readonly horizonDays: number;
      }
    | undefined;
  /** Of a training run, in dollars. */
  readonly costUsd?: number | undefined;
}

export interface RetrainingFacts {
  readonly worth?: WorthFacts | undefined;
  readonly staleness?: StalenessCurve | undefined;
}

/** What a prediction must gain for the training to cost no more than it brings; undefined where nobody knows. */
const breakEvenOf = ({ value, costUsd }: WorthFacts): number | undefined => {
  if (value === undefined || costUsd === undefined) return undefined;
  const usd = value.usdPerUnit * value.predictionsPerDay * value.horizonDays;
  return usd > 0 ? costUsd / usd : undefined;
};

const MOST_TICKS = 5;

/** In the units in which the decision was made: costs of decisions where they are declared, else loss. */
const gainChart = (worth: WorthFacts): Chart | undefined => {
  const { backTest, value } = worth;
  if (backTest === undefined || backTest.days.length === 0) return undefined;
  const costGain = value?.of === 'costs' ? backTest.costGain : undefined;
  const { mean, lower, upper } = costGain ?? backTest.gain;
  const unit = costGain === undefined ? 'loss' : 'cost';
  const days = backTest.days.map(({ day, incumbentLoss, candidateLoss, incumbentCost, candidateCost }) => {
    if (costGain === undefined) return { day, gain: incumbentLoss - candidateLoss };
    return { day, gain: (incumbentCost ?? Number.NaN) - (candidateCost ?? Number.NaN) };
  });
  const breakEven = breakEvenOf(worth);
  const step = Math.ceil(days.length / MOST_TICKS);
  const ticks = days.flatMap(({ day }, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : []));
  // As far from the last day that is named as these are from each other.
  const meanAt = Math.max(days.length, (ticks.at(-1)?.at ?? 0) + step);
  const pays = breakEven === undefined ? '' : `; it pays above ${shortNumber(breakEven)}`;
  return {
    title: 'What retraining would have gained',
    description: `Less ${unit} of a prediction on ${days.length} days: ${shortNumber(mean)}, between ${shortNumber(lower)} and ${shortNumber(upper)}${pays}.`,
    xName: 'day of the back-test, UTC; at the right the mean',
    yName: `less ${unit} of a prediction`,
    xTicks: [...ticks, { at: meanAt, text: 'mean' }],
    levels: [
      { at: 0, of: 'zero' },
      ...(breakEven === undefined ? [] : [{ at: breakEven, text: 'pays above', of: 'dashed' } as const]),
    ],
    lines: [
      { of: 'champion', dots: true, points: days.map(({ gain: y }, x) => ({ x, y })) },
      { of: 'candidate', dots: true, points: [{ x: meanAt, y: mean, lower, upper }] },
    ],
  };
};

/** Undefined where nothing could be back-tested and no curve is on record. */
export const pictureOfRetraining = ({ worth, staleness }: RetrainingFacts): string | undefined => {
  const chart = worth && gainChart(worth);
  const parts = [
    ...(worth === undefined || chart === undefined
      ? []
      : [
          renderChart(chart),
          renderNote(
            `Both sides learnt from the same number of rows; above zero the newer data lose less. At the right the mean that was weighed, with its interval.${breakEvenOf(worth) === undefined ? '' : ' Above the dashed line the training brings more than it costs.'}`,
          ),
        ]),
    ...(staleness === undefined ? [] : [renderStaleness(staleness)]),
  ];
  return parts.length === 0 ? undefined : parts.join('\n');
};
