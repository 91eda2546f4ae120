import type { EstimatesSimulation, WeekValues } from './simulate-estimates.ts';

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;
const line = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ');

const SHIFT_WIDTHS = [9, 8, 11, 10, 12, 15, 14];
const WEEK_WIDTHS = [10, 7, 6, 9, 7, 7, 9, 7, 7, 9, 8];

const valuesOf = ({ estimated, actual, inside, reconciled }: WeekValues): readonly string[] => [
  estimated.toFixed(3),
  actual.toFixed(3),
  `${inside}/${reconciled}`,
];

/** All figures for a terminal: claims, windows under shift, and a line a week. */
export const tellEstimates = (simulation: EstimatesSimulation): string => {
  const { claims, shifts, coverage, weeks, flightsPerDay, wallSeconds } = simulation;
  const held = claims.filter(({ holds }) => holds).length;
  return [
    ...claims.map(
      ({ name, measured, from, to, holds }) =>
        `${holds ? 'holds' : 'FAILS'}  ${name}: ${share(measured)}, to be from ${share(from)} to ${share(to)}`,
    ),
    '',
    'pure covariate shift: windows of 5,000 hold-out flights, weights of origins and hours with a log-normal deviation',
    line(
      ['strength', 'windows', 'AUC inside', 'mean width', 'AUC spread', 'log loss inside', 'mean width'],
      SHIFT_WIDTHS,
    ),
    ...shifts.map((shift) =>
      line(
        [
          `${shift.strength}`,
          `${shift.windowCount}`,
          share(shift.aucInside),
          shift.aucMeanWidth.toFixed(4),
          shift.aucSpread.toFixed(4),
          share(shift.logLossInside),
          shift.logLossMeanWidth.toFixed(4),
        ],
        SHIFT_WIDTHS,
      ),
    ),
    '',
    `real days of version 1, ${flightsPerDay} flights each: share of days inside`,
    ...Object.entries(coverage).map(
      ([metric, one]) =>
        `  ${metric.padEnd(8)} sampling alone ${share(one.sampling)} of ${one.dayCount}; widened by past errors ${share(one.widened ?? Number.NaN)} of ${one.widenedDayCount}`,
    ),
    '',
    'by ISO week: drift (largest PSI of the prediction, days its alarm rang), estimated and real quality with the days',
    'whose told interval held it, and the checks that found quality degraded and the labels parting from the inputs',
    line(
      ['week', 'PSI', 'alarm', 'est. AUC', 'AUC', 'inside', 'est. loss', 'loss', 'inside', 'degraded', 'concept'],
      WEEK_WIDTHS,
    ),
    ...weeks.map((week) =>
      line(
        [
          week.week,
          week.predictionPsi.toFixed(3),
          `${week.driftAlarmDays}`,
          ...valuesOf(week.auc),
          ...valuesOf(week.logLoss),
          `${week.degradedDays}`,
          `${week.conceptDriftDays}`,
        ],
        WEEK_WIDTHS,
      ),
    ),
    '',
    `${held} of ${claims.length} claims hold, ${wallSeconds} s`,
  ].join('\n');
};
