import { moments } from '../statistics/moments.ts';
import { studentTQuantile } from '../statistics/student-t-quantile.ts';
import type { PerformanceReference } from './performance-reference.ts';
import type { LimitFinding, Measured, MetricName, QualityRow } from './performance-report.ts';
import type { DeclaredLimit, PerformanceSettings } from './performance-settings.ts';

interface Limit {
  readonly metric: MetricName;
  readonly slice: string;
  readonly source: LimitFinding['source'];
  readonly worse: LimitFinding['worse'];
  readonly limit: number;
}

const declaredLimit = ({ metric, slice, above, below }: DeclaredLimit): Limit => {
  const common = { metric, slice, source: 'declared' } as const;
  return above === undefined
    ? { ...common, worse: 'below', limit: below ?? Number.NaN }
    : { ...common, worse: 'above', limit: above };
};

const FEWEST_REFERENCE_DAYS = 3;
/** One window in a hundred of the reference's own kind lies beyond. */
const QUANTILE = 0.99;
/** A change that matters to nobody is none, however sure it is: shares of the loss, and points of the area. */
const LOSS_FLOOR_SHARE = 0.05;
const AUC_FLOOR = 0.02;

/**
 * Where a window of so many days of the reference's own kind would hardly come: its value, and on the worse side the 99 %
 * prediction bound of a mean of days, s·t·√(1/m + 1/n), but no less than 5 % of a loss or 0.02 of an AUC.
 */
const referenceLimit = (
  metric: MetricName,
  worse: LimitFinding['worse'],
  { metrics, days }: PerformanceReference,
  dayCount: number,
): Limit | undefined => {
  const value = metrics[metric];
  const spread = moments(days.flatMap((day) => day.metrics[metric] ?? []));
  if (value === undefined || spread === undefined || spread.count < FEWEST_REFERENCE_DAYS) return undefined;
  const drawn =
    studentTQuantile(QUANTILE, spread.count - 1) *
    spread.standardDeviation *
    Math.sqrt(1 / spread.count + 1 / Math.max(1, dayCount));
  const margin = Math.max(drawn, worse === 'above' ? LOSS_FLOOR_SHARE * value : AUC_FLOOR);
  const common = { metric, slice: 'all', source: 'reference', worse } as const;
  return { ...common, limit: worse === 'above' ? value + margin : value - margin };
};

const isCrossed = ({ worse, limit }: Limit, { lower, upper }: Measured): boolean =>
  worse === 'above' ? lower !== undefined && lower > limit : upper !== undefined && upper < limit;

const told = (value: number): string => Number(value.toPrecision(4)).toString();

const messageOf = (
  { metric, slice, source, worse, limit }: Limit,
  { value, lower, upper }: Measured,
  crossed: boolean,
) => {
  const where = slice === 'all' ? metric : `${metric} of ${slice}`;
  const interval = lower === undefined || upper === undefined ? 'no interval' : `${told(lower)} to ${told(upper)}`;
  const verdict = crossed ? `lies ${worse}` : `does not lie ${worse}`;
  return `${where} ${told(value)} (${interval}) ${verdict} the ${source === 'declared' ? 'declared limit' : 'limit of the reference'} ${told(limit)}`;
};

/** Every limit with the window's value beside it. One is crossed when the whole interval lies beyond: noise crosses none. */
export const findLimits = (
  quality: readonly QualityRow[],
  settings: Pick<PerformanceSettings, 'limits' | 'automaticLimits' | 'task' | 'windowDays' | 'minRows'>,
  {
    reference,
    previous,
    day,
  }: {
    readonly reference?: PerformanceReference | undefined;
    /** Of the report before. */
    readonly previous: readonly LimitFinding[];
    readonly day: string;
  },
): readonly LimitFinding[] => {
  const automatic = settings.automaticLimits && reference !== undefined ? reference : undefined;
  const loss: MetricName = settings.task === 'regression' ? 'rmse' : 'logLoss';
  const drawn = automatic && [
    referenceLimit(loss, 'above', automatic, settings.windowDays),
    referenceLimit('auc', 'below', automatic, settings.windowDays),
  ];
  const limits = [...settings.limits.map(declaredLimit), ...(drawn ?? []).filter((one) => one !== undefined)];
  return limits.flatMap((limit): readonly LimitFinding[] => {
    const row = quality.find(({ slice, version }) => slice === limit.slice && version === undefined);
    const value = row?.metrics[limit.metric];
    if (row === undefined || value === undefined || row.rowCount < settings.minRows) return [];
    const crossed = isCrossed(limit, value);
    const before = previous.find(
      (one) => one.metric === limit.metric && one.slice === limit.slice && one.source === limit.source && one.crossed,
    );
    return [
      {
        ...limit,
        value,
        crossed,
        ...(crossed ? { since: before?.since ?? day } : {}),
        message: messageOf(limit, value, crossed),
      },
    ];
  });
};
