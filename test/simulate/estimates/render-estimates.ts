import {
  htmlPage,
  renderChart,
  renderKey,
  renderNote,
  renderSection,
  renderTable,
} from '../../../shared/core/reports/index.ts';
import type { EstimatesSimulation, ToldDay, ToldValue } from './simulate-estimates.ts';
import {
  type Cells,
  claimCells,
  coverageCells,
  SHIFT_NOTE,
  shiftCells,
  WEEKS_NOTE,
  weekCells,
} from './tell-estimates.ts';

const METRICS = [
  ['auc', 'AUC'],
  ['logLoss', 'log loss'],
] as const;
type DrawnMetric = (typeof METRICS)[number][0];

/** Days over which the share inside is drawn: fewer jump, more hide when it was not. */
const TRAILING_DAYS = 28;
const MOST_TICKS = 6;

const tableOf = (label: string, [columns = [], ...rows]: Cells): string => renderTable({ label, columns, rows });

const dayTicks = (days: readonly ToldDay[]) => {
  const step = Math.max(1, Math.ceil(days.length / MOST_TICKS));
  return days.flatMap(({ day }, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : []));
};

const valuesChart = (days: readonly ToldDay[], metric: DrawnMetric, name: string): string => {
  const inside = days.filter((day) => day[metric].inTold).length;
  const chart = renderChart({
    title: `${name} by day: estimated before the labels, and what they said`,
    description: `On ${inside} of ${days.length} days the labels' ${name} lay inside the interval that was told.`,
    xName: 'day of the predictions, UTC',
    yName: name,
    xTicks: dayTicks(days),
    lines: [
      {
        of: 'champion',
        points: days.map(({ [metric]: { value: y, lower, upper } }, x) => ({ x, y, lower, upper })),
      },
      { of: 'candidate', dots: true, points: days.map(({ [metric]: { actual: y } }, x) => ({ x, y })) },
    ],
  });
  const key = renderKey([
    { of: 'champion', text: 'estimated, with the interval that was told' },
    { of: 'candidate', text: 'by the labels' },
  ]);
  return `${chart}\n${key}`;
};

/** Share of the trailing days whose interval held what the labels said. */
const shareInside = (days: readonly ToldDay[], isInside: (day: ToldDay) => boolean) =>
  days.flatMap((_, x) => {
    if (x + 1 < TRAILING_DAYS) return [];
    const some = days.slice(x + 1 - TRAILING_DAYS, x + 1);
    return [{ x, y: some.filter(isInside).length / TRAILING_DAYS }];
  });

const coverageChart = (days: readonly ToldDay[], metric: DrawnMetric, name: string): string => {
  const held = (of: (value: ToldValue) => boolean) => shareInside(days, (day) => of(day[metric]));
  const chart = renderChart({
    title: `${name}: share of ${TRAILING_DAYS} days inside the interval`,
    description: `Of sampling alone and of the interval that was told, over the ${TRAILING_DAYS} days that end with the day.`,
    xName: 'last of the days, UTC',
    yName: `share of ${TRAILING_DAYS} days inside`,
    xTicks: dayTicks(days),
    xRange: [0, Math.max(1, days.length - 1)],
    yRange: [0, 1.2],
    yTicks: [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: `${100 * at} %` })),
    levels: [{ at: 0.95, text: '95 %', of: 'dashed' }],
    // From here on every interval was widened.
    moments: days.flatMap(({ widened }, at) =>
      widened && days[at - 1]?.widened === false ? [{ at, text: 'widened from here', of: 'mark' as const }] : [],
    ),
    lines: [
      { of: 'candidate', points: held(({ inTold }) => inTold) },
      { of: 'baseline', points: held(({ inSampling }) => inSampling) },
    ],
  });
  const key = renderKey([
    { of: 'candidate', text: 'interval that was told' },
    { of: 'baseline', text: 'sampling alone' },
  ]);
  return `${chart}\n${key}`;
};

/** The simulation as one self-contained page. */
export const renderEstimates = (simulation: EstimatesSimulation): string => {
  const { claims, days, flightsPerDay, seed, wallSeconds } = simulation;
  const held = claims.filter(({ holds }) => holds).length;
  return htmlPage({
    title: 'Quality before the labels come, held to the labels',
    sections: [
      renderSection(
        `Claims: ${held} of ${claims.length} hold`,
        tableOf('Claims', [['claim', 'measured', 'to be', ''], ...claims.map(claimCells)]),
        renderNote(`Real flights of 2001, ${flightsPerDay} a day, seed ${seed}, ${wallSeconds} s.`),
      ),
      renderSection(
        'Pure covariate shift',
        tableOf('Pure covariate shift', shiftCells(simulation)),
        renderNote(`${SHIFT_NOTE}; the hold-out flights that are not in a window calibrate for it.`),
      ),
      renderSection(
        'Real days of version 1',
        tableOf('Share of days inside', coverageCells(simulation)),
        ...METRICS.flatMap(([metric, name]) => [valuesChart(days, metric, name), coverageChart(days, metric, name)]),
      ),
      renderSection(
        'By week',
        tableOf('By ISO week', weekCells(simulation)),
        renderNote(`By ISO week: ${WEEKS_NOTE}.`),
      ),
    ],
    style: 'body { max-width: 66rem }',
  });
};
