import type { Measured, PerformanceReport } from '../performance/index.ts';
import {
  type Cell,
  escapeHtml,
  type KpiDays,
  kpiDays,
  kpiName,
  renderKpiDays,
  renderNote,
  renderTable,
  shortNumber,
} from '../reports/index.ts';
import { METRIC_TEXTS } from './quality-over-time.ts';

/** Quality of each slice and version over the newest mature days, and by group where groups are declared. */
export interface SliceTable {
  /** Which days, in words. */
  readonly window: string;
  readonly metrics: readonly string[];
  readonly rows: readonly {
    readonly slice: string;
    readonly version?: number;
    readonly rowCount: number;
    /** In the order of `metrics`. */
    readonly values: readonly (Measured | undefined)[];
  }[];
  readonly groups: readonly {
    readonly by: string;
    readonly metric: string;
    /** The groups at both ends, with their values; absent of what is taken over several metrics. */
    readonly ends?: string;
    readonly difference: Measured;
    readonly ratio?: Measured;
  }[];
  readonly kpis: readonly { readonly name: string; readonly version: number; readonly value: Measured }[];
  /** Absent of pages that the release before wrote. */
  readonly kpiDays?: readonly KpiDays[];
}

const SHOWN = ['logLoss', 'auc', 'calibrationError', 'f1', 'rmse', 'mae', 'mape'] as const;

type Fairness = NonNullable<PerformanceReport['fairness']>;
type Group = SliceTable['groups'][number];

const spreadOf = (
  by: string,
  metric: string,
  { difference, ratio }: { readonly difference: Measured; readonly ratio?: Measured },
): Group => ({ by, metric, difference, ...(ratio === undefined ? {} : { ratio }) });

const endsOf = (groups: Fairness['rows'][number]['groups']): string => {
  const least = groups.toSorted((a, b) => a.value.value - b.value.value);
  return [least[0], least.at(-1)]
    .map((end) => (end === undefined ? '–' : `${end.group} ${shortNumber(end.value.value)}`))
    .join(' to ');
};

/** What has a name of its own first, then metric by metric. */
const groupsOf = (fairness: Fairness | undefined): readonly Group[] => [
  ...(fairness?.summaries ?? []).flatMap(({ by, demographicParity, equalizedOdds }) => [
    spreadOf(by, 'demographic parity', demographicParity),
    ...(equalizedOdds === undefined ? [] : [spreadOf(by, 'equalised odds', equalizedOdds)]),
  ]),
  ...(fairness?.rows ?? []).map((row) => ({ ...spreadOf(row.by, row.metric, row), ends: endsOf(row.groups) })),
];

/** Undefined while no day is mature. */
export const sliceTable = ({
  window,
  quality,
  fairness,
  kpis = [],
  days,
}: PerformanceReport): SliceTable | undefined => {
  if (window === undefined) return undefined;
  const metrics = SHOWN.filter((metric) => quality.some((row) => row.metrics[metric] !== undefined));
  return {
    window: `${window.fromDay} to ${window.throughDay}: ${window.labelledCount} of ${window.rowCount} predictions have their label`,
    metrics: metrics.map((metric) => METRIC_TEXTS[metric]),
    rows: quality.map(({ slice, version, rowCount, metrics: values }) => ({
      slice,
      ...(version === undefined ? {} : { version }),
      rowCount,
      values: metrics.map((metric) => values[metric]),
    })),
    groups: groupsOf(fairness),
    kpis: kpis.map((kpi) => ({ name: kpiName(kpi), version: kpi.version, value: kpi.value })),
    kpiDays: kpiDays(days),
  };
};

const cellOf = (value: Measured | undefined): Cell => {
  if (value === undefined) return undefined;
  const { lower, upper } = value;
  const told = shortNumber(value.value);
  return lower === undefined || upper === undefined ? told : `${told} (${shortNumber(lower)} to ${shortNumber(upper)})`;
};

export const renderSlices = ({ window, metrics, rows, groups, kpis, kpiDays: byDay = [] }: SliceTable): string =>
  [
    renderNote(`${window}. In brackets the interval of 95 %.`),
    renderTable({
      label: 'Quality by slice and version',
      columns: ['slice', 'version', 'labelled predictions', ...metrics],
      rows: rows.map(({ slice, version, rowCount, values }) => [
        slice === 'all' ? 'whole traffic' : slice,
        version === undefined ? 'all' : String(version),
        rowCount.toLocaleString('en'),
        ...values.map(cellOf),
      ]),
    }),
    ...(groups.length === 0
      ? []
      : [
          `<h3>${escapeHtml('By group')}</h3>`,
          renderTable({
            label: 'Fairness by group',
            columns: ['groups', 'metric', 'from least to most', 'difference', 'ratio'],
            rows: groups.map(({ by, metric, ends, difference, ratio }) => [
              by,
              metric,
              ends,
              cellOf(difference),
              cellOf(ratio),
            ]),
          }),
        ]),
    ...(kpis.length === 0
      ? []
      : [
          '<h3>Business figures</h3>',
          renderTable({
            label: 'Business figures by version',
            columns: ['figure', 'version', 'value'],
            rows: kpis.map(({ name, version, value }) => [name, String(version), cellOf(value)]),
          }),
          renderKpiDays(byDay),
        ]),
  ].join('\n');
