import { DAY_MS } from '../../kernel/time.ts';
import type { Measured } from '../performance/index.ts';
import {
  type Cell,
  escapeHtml,
  type Line,
  type Point,
  renderChart,
  renderKey,
  renderNote,
  renderTable,
  renderText,
  shortNumber,
  timeAxisName,
  timeTicks,
} from '../reports/index.ts';
import type { QualityDay, QualityOverTime, QualitySeries } from './quality-over-time.ts';

/** The middle of a UTC day. */
const middleOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

const pointOf = (day: string, { value, lower, upper }: Measured): Point => ({
  x: middleOf(day),
  y: value,
  ...(lower === undefined || upper === undefined ? {} : { lower, upper }),
});

const lineOf = (
  days: readonly QualityDay[],
  of: Line['of'],
  read: (day: QualityDay) => Measured | undefined,
  dots: boolean,
): Line => ({
  of,
  dots,
  points: days.flatMap((day) => {
    const value = read(day);
    return value === undefined ? [] : [pointOf(day.day, value)];
  }),
});

const told = (value: Measured | undefined): string | undefined => {
  if (value === undefined) return undefined;
  const { lower, upper } = value;
  const interval =
    lower === undefined || upper === undefined ? '' : ` (${shortNumber(lower)} to ${shortNumber(upper)})`;
  return `${shortNumber(value.value)}${interval}`;
};

const describe = ({ name, days }: QualitySeries): string => {
  const measured = days.findLast(({ mature, measured }) => mature && measured !== undefined);
  const estimated = days.findLast((day) => day.estimated !== undefined);
  const parts = [
    ...(measured === undefined
      ? []
      : [`Measured on ${measured.day}, the newest mature day: ${told(measured.measured)}.`]),
    ...(estimated === undefined ? [] : [`Estimated for ${estimated.day}: ${told(estimated.estimated)}.`]),
  ];
  return `${name} of ${days.length} days. ${parts.join(' ')}`;
};

const chartOf = (series: QualitySeries): string => {
  const { name, days, limit } = series;
  const times = days.map(({ day }) => middleOf(day));
  const range = [Math.min(...times) - DAY_MS, Math.max(...times) + DAY_MS] as const;
  return renderChart({
    title: `${name} by day`,
    description: describe(series),
    xName: timeAxisName(range),
    yName: name,
    xRange: range,
    xTicks: timeTicks(range),
    levels: limit === undefined ? [] : [{ at: limit, text: 'limit', of: 'dashed' }],
    lines: [
      lineOf(days, 'champion', ({ estimated }) => estimated, false),
      lineOf(days, 'single', ({ measured }) => measured && { value: measured.value }, false),
      lineOf(days, 'baseline', ({ measured, mature }) => (mature ? undefined : measured), true),
      lineOf(days, 'candidate', ({ measured, mature }) => (mature ? measured : undefined), true),
    ].filter(({ points }) => points.length > 0),
  });
};

const rowOf = ({ day, rowCount, completeness, mature, measured, estimated }: QualityDay): readonly Cell[] => [
  day,
  rowCount.toLocaleString('en'),
  `${Math.round(100 * completeness)} %${mature ? '' : ', not mature'}`,
  told(measured),
  told(estimated),
];

const numbersOf = ({ name, days }: QualitySeries): string =>
  `<details><summary>${escapeHtml(name)} in numbers</summary>\n${renderTable({
    label: `${name} by day, newest first`,
    columns: ['day', 'predictions', 'labels in', 'measured', 'estimated'],
    rows: days.toReversed().map(rowOf),
  })}\n</details>`;

const KEY = renderKey([
  { of: 'candidate', text: 'measured, labels mature' },
  { of: 'baseline', text: 'measured, labels still coming' },
  { of: 'champion', text: 'estimated before the labels' },
]);

/** Measured quality with its intervals, the estimate with its own band, and which days' labels are still coming. */
export const renderQuality = ({ metrics, notes }: QualityOverTime): string =>
  [
    ...notes.map(renderNote),
    metrics.length === 0 ? renderText('No day has labels or an estimate yet, so there is nothing to draw.') : KEY,
    ...metrics.map(
      (series) =>
        `<h3>${escapeHtml(series.name)} (${series.betterIs} is better)</h3>\n${chartOf(series)}\n${numbersOf(series)}`,
    ),
  ].join('\n');
