import { DAY_MS } from '../../kernel/time.ts';
import { type Line, type Point, renderChart } from './chart.ts';
import { shortNumber, timeAxisName, timeTicks } from './chart-scales.ts';
import { type Cell, renderKey, renderNote, renderTable } from './html-blocks.ts';
import { escapeHtml } from './html-page.ts';

/** A business figure by day, apart for each version that answered. */
export interface KpiDays {
  /** With its unit. */
  readonly name: string;
  readonly aggregate: 'mean' | 'sum';
  /** Oldest first, of a day the newest version first. */
  readonly days: readonly KpiDay[];
}

interface KpiDay {
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Whether the labels of the day are in. */
  readonly mature: boolean;
  readonly version: number;
  /** Predictions that have the figure. */
  readonly rowCount: number;
  readonly value: Interval;
}

/** A number and its interval of 95 %, both bounds absent where none can be had. */
interface Interval {
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

/** What a day's performance says of a business figure. */
export interface DayKpi {
  readonly name: string;
  readonly unit: string;
  readonly aggregate: 'mean' | 'sum';
  readonly version: number;
  readonly rowCount: number;
  readonly value: Interval;
}

interface DayOfKpis {
  readonly day: string;
  readonly mature: boolean;
  readonly kpis?: readonly DayKpi[] | undefined;
}

/** As people read it. */
export const kpiName = ({ name, unit }: Pick<DayKpi, 'name' | 'unit'>): string =>
  unit === '' ? name : `${name} (${unit})`;

/** The figures of all days, in the order in which they first stand; none where no label came with one. */
export const kpiDays = (days: readonly DayOfKpis[]): readonly KpiDays[] => {
  const found = new Map<string, { aggregate: 'mean' | 'sum'; days: KpiDay[] }>();
  for (const { day, mature, kpis = [] } of days) {
    for (const kpi of kpis) {
      const { aggregate, version, rowCount, value } = kpi;
      const name = kpiName(kpi);
      const standing = found.get(name) ?? { aggregate, days: [] };
      standing.days.push({ day, mature, version, rowCount, value });
      found.set(name, standing);
    }
  }
  return [...found].map(([name, of]) => ({ name, ...of }));
};

/** Each has a colour and dashes of its own. */
const STYLES = ['candidate', 'champion', 'baseline'] as const;

const middleOf = (day: string): number => Date.parse(`${day}T12:00:00Z`);

const pointOf = ({ day, value: { value, lower, upper } }: KpiDay): Point => ({
  x: middleOf(day),
  y: value,
  ...(lower === undefined || upper === undefined ? {} : { lower, upper }),
});

const told = ({ value, lower, upper }: Interval): string =>
  lower === undefined || upper === undefined
    ? shortNumber(value)
    : `${shortNumber(value)} (${shortNumber(lower)} to ${shortNumber(upper)})`;

const versionsOf = (days: readonly KpiDay[]): readonly number[] =>
  [...new Set(days.map(({ version }) => version))].sort((a, b) => b - a);

const describe = (mature: readonly KpiDay[]): string =>
  versionsOf(mature)
    .map((version) => {
      const own = mature.filter((one) => one.version === version);
      const last = own.at(-1);
      const newest = last === undefined ? '' : `, on ${last.day} ${told(last.value)}`;
      return `Version ${version} on ${own.length} ${own.length === 1 ? 'day' : 'days'}${newest}.`;
    })
    .join(' ');

const chartOf = ({ name, aggregate }: KpiDays, mature: readonly KpiDay[]): string => {
  const drawn = versionsOf(mature).slice(0, STYLES.length);
  const times = mature.filter(({ version }) => drawn.includes(version)).map(({ day }) => middleOf(day));
  const range = [Math.min(...times) - DAY_MS, Math.max(...times) + DAY_MS] as const;
  return renderChart({
    title: `${name} by day and version`,
    description: describe(mature),
    xName: timeAxisName(range),
    yName: `${name}, ${aggregate} of the day`,
    xRange: range,
    xTicks: timeTicks(range),
    lines: drawn.map(
      (version, at): Line => ({
        of: STYLES[at] ?? 'baseline',
        dots: true,
        points: mature.filter((one) => one.version === version).map(pointOf),
      }),
    ),
  });
};

const keyOf = (mature: readonly KpiDay[]): readonly string[] => {
  const versions = versionsOf(mature);
  const drawn = versions.slice(0, STYLES.length);
  return [
    renderKey(drawn.map((version, at) => ({ of: STYLES[at] ?? 'baseline', text: `version ${version}` }))),
    ...(versions.length > drawn.length
      ? [renderNote(`Drawn are the newest ${drawn.length} of ${versions.length} versions; the numbers are of all.`)]
      : []),
  ];
};

const rowOf = ({ day, mature, version, rowCount, value }: KpiDay): readonly Cell[] => [
  day,
  String(version),
  `${rowCount.toLocaleString('en')}${mature ? '' : ', not mature'}`,
  told(value),
];

const numbersOf = ({ name, days }: KpiDays): string =>
  `<details><summary>${escapeHtml(name)} in numbers</summary>\n${renderTable({
    label: `${name} by day and version, newest first`,
    columns: ['day', 'version', 'predictions that have it', 'value'],
    rows: days.toReversed().map(rowOf),
  })}\n</details>`;

const renderFigure = (kpi: KpiDays): string => {
  const mature = kpi.days.filter((day) => day.mature);
  const drawn = mature.length === 0 ? [renderNote('No day is mature yet.')] : [chartOf(kpi, mature), ...keyOf(mature)];
  return [...drawn, numbersOf(kpi)].join('\n');
};

/**
 * A chart a figure, one line a version, and its numbers behind a click. Days whose labels are still coming are told and not
 * drawn: a sum of half a day's labels would look like a loss.
 */
export const renderKpiDays = (kpis: readonly KpiDays[]): string => kpis.map(renderFigure).join('\n');
