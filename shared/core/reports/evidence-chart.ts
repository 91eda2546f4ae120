import { type ChartMark, renderChart } from './chart.ts';
import { type Range, rangeOf, shortNumber, timeAxisName, timeTicks } from './chart-scales.ts';

/** A confidence sequence as it narrowed over time. */
export interface DrawnSequence {
  readonly title: string;
  /** Differences of shares are drawn in points, hundredths of what they are. */
  readonly kind: 'share' | 'mean';
  readonly harm: 'increase' | 'either';
  /** Tolerated worsening. */
  readonly margin?: number;
  /** Worsening that is held against none. @default 0 */
  readonly tolerated?: number;
  readonly points: readonly {
    readonly throughMs: number;
    readonly estimate?: number;
    readonly lower: number;
    readonly upper: number;
  }[];
  /** Looks of which the points are a part. @default as many as points */
  readonly lookCount?: number;
  readonly timeRange: Range;
  readonly moments?: readonly ChartMark[];
}

const FEWEST_FOR_A_BAND = 3;

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** What matters, large enough to be seen: the first looks know nothing, and their bounds are those of the scale. */
const focusOf = (points: DrawnSequence['points'], levels: readonly number[]): Range => {
  const last = points.at(-1);
  const late = points.slice(points.length >> 2).flatMap(({ estimate }) => estimate ?? []);
  const bounds = [medianOf(points.map(({ lower }) => lower)), medianOf(points.map(({ upper }) => upper))];
  return rangeOf([...levels, ...late, ...bounds, ...(last === undefined ? [] : [last.lower, last.upper])]);
};

/** A difference with its sign; of shares in points. */
export const tellDifference = (kind: DrawnSequence['kind'], value: number | undefined): string => {
  if (value === undefined) return '–';
  const sign = value < 0 ? '' : '+';
  return kind === 'share' ? `${sign}${shortNumber(100 * value)} points` : `${sign}${shortNumber(value)}`;
};

const describe = ({ kind, points, lookCount = points.length }: DrawnSequence): string => {
  const last = points.at(-1);
  if (last === undefined) return 'Nothing was compared.';
  const { estimate, lower, upper } = last;
  const drawn = lookCount > points.length ? `, of which ${points.length} are drawn,` : '';
  return `After ${lookCount} looks${drawn} the difference is ${tellDifference(kind, estimate)}, between ${tellDifference(kind, lower)} and ${tellDifference(kind, upper)}.`;
};

const levelsOf = ({ harm, margin, tolerated }: DrawnSequence): readonly ChartMark[] => {
  const margins = margin === undefined ? [] : harm === 'increase' ? [margin] : [margin, -margin];
  return [
    { at: 0, of: 'zero' },
    ...(tolerated === undefined ? [] : [{ at: tolerated, text: 'tolerated', of: 'dashed' } as const]),
    ...margins.map((at) => ({ at, text: 'margin', of: 'dashed' }) as const),
  ];
};

/** Band from lower to upper bound, the estimate in it, zero, and the tolerated worsening. */
export const renderEvidenceChart = (drawn: DrawnSequence): string => {
  const { title, kind, points, timeRange, moments = [] } = drawn;
  const scale = kind === 'share' ? 100 : 1;
  const levels = levelsOf(drawn).map((level) => ({ ...level, at: scale * level.at }));
  const scaled = points.map(({ throughMs, estimate, lower, upper }) => ({
    throughMs,
    ...(estimate === undefined ? {} : { estimate: scale * estimate }),
    lower: scale * lower,
    upper: scale * upper,
  }));
  return renderChart({
    title,
    description: describe(drawn),
    xName: timeAxisName(timeRange),
    yName: kind === 'share' ? 'difference in points' : 'difference',
    xRange: timeRange,
    xTicks: timeTicks(timeRange),
    yRange: focusOf(
      scaled,
      levels.map(({ at }) => at),
    ),
    levels,
    moments,
    lines: [
      {
        of: 'candidate',
        dots: points.length < FEWEST_FOR_A_BAND,
        points: scaled.map(({ throughMs, estimate, lower, upper }) => ({
          x: throughMs,
          y: estimate ?? Number.NaN,
          lower,
          upper,
        })),
      },
    ],
  });
};
