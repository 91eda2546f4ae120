import type { EstimatesClaim, EstimatesSimulation, WeekValues } from './simulate-estimates.ts';

/** A table as rows of cells, its head first. */
export type Cells = readonly (readonly string[])[];

const share = (value: number): string => `${(100 * value).toFixed(1)} %`;

export const claimCells = ({ name, measured, from, to, holds }: EstimatesClaim): readonly string[] => [
  name,
  share(measured),
  `${share(from)} to ${share(to)}`,
  holds ? 'holds' : 'FAILS',
];

export const SHIFT_NOTE =
  'windows of 5,000 hold-out flights, weights of origins and hours with a log-normal deviation of the strength';

export const shiftCells = ({ shifts }: EstimatesSimulation): Cells => [
  ['strength', 'windows', 'AUC inside', 'mean width', 'AUC spread', 'log loss inside', 'mean width'],
  ...shifts.map((shift) => [
    `${shift.strength}`,
    `${shift.windowCount}`,
    share(shift.aucInside),
    shift.aucMeanWidth.toFixed(4),
    shift.aucSpread.toFixed(4),
    share(shift.logLossInside),
    shift.logLossMeanWidth.toFixed(4),
  ]),
];

export const coverageCells = ({ coverage }: EstimatesSimulation): Cells => [
  ['metric', 'inside, sampling alone', 'days', 'inside, widened by past errors', 'days'],
  ...Object.entries(coverage).map(([metric, one]) => [
    metric,
    share(one.sampling),
    `${one.dayCount}`,
    one.widened === undefined ? 'none yet' : share(one.widened),
    `${one.widenedDayCount}`,
  ]),
];

const valuesOf = ({ estimated, actual, inside, reconciled }: WeekValues): readonly string[] => [
  estimated.toFixed(3),
  actual.toFixed(3),
  `${inside}/${reconciled}`,
];

export const WEEKS_NOTE =
  'drift (largest PSI of the prediction, days its alarm rang), estimated and real quality with the days whose told ' +
  'interval held it, and the checks that found quality degraded and the labels parting from the inputs';

export const weekCells = ({ weeks }: EstimatesSimulation): Cells => [
  ['week', 'PSI', 'alarm', 'est. AUC', 'AUC', 'inside', 'est. loss', 'loss', 'inside', 'degraded', 'concept'],
  ...weeks.map((week) => [
    week.week,
    week.predictionPsi.toFixed(3),
    `${week.driftAlarmDays}`,
    ...valuesOf(week.auc),
    ...valuesOf(week.logLoss),
    `${week.degradedDays}`,
    `${week.conceptDriftDays}`,
  ]),
];

const alignCells = (cells: Cells): readonly string[] => {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '));
};

/** All figures for a terminal: claims, windows under shift, and a line a week. */
export const tellEstimates = (simulation: EstimatesSimulation): string => {
  const { claims, flightsPerDay, wallSeconds } = simulation;
  const held = claims.filter(({ holds }) => holds).length;
  return [
    ...claims.map((claim) => {
      const [name, measured, toBe, verdict] = claimCells(claim);
      return `${verdict}  ${name}: ${measured}, to be from ${toBe}`;
    }),
    '',
    `pure covariate shift: ${SHIFT_NOTE}`,
    ...alignCells(shiftCells(simulation)),
    '',
    `real days of version 1, ${flightsPerDay} flights each: share of days inside`,
    ...alignCells(coverageCells(simulation)),
    '',
    `by ISO week: ${WEEKS_NOTE}`,
    ...alignCells(weekCells(simulation)),
    '',
    `${held} of ${claims.length} claims hold, ${wallSeconds} s`,
  ].join('\n');
};
