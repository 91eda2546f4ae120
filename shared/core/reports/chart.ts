import { numberTicks, type Range, rangeOf, type Tick } from './chart-scales.ts';
import { escapeHtml } from './html-page.ts';

/** Charts as SVG that needs nothing else and follows the page's colours; as wide as its place. */

export interface Line {
  /** Which of the page's colours: a class. */
  readonly of: 'candidate' | 'champion' | 'baseline' | 'single';
  readonly points: readonly Point[];
  readonly dots?: boolean;
  /** Keeps its value until the next point. */
  readonly stepped?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly lower?: number;
  readonly upper?: number;
}

/** A line across the picture at a value, or an instant. */
export interface ChartMark {
  readonly at: number;
  readonly text?: string;
  readonly of: 'zero' | 'grid' | 'dashed' | 'mark';
}

/** From one x to another at the height y. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly y: number;
  readonly of: 'promoted' | 'ended' | 'running';
}

export interface Chart {
  /** Its name. */
  readonly title: string;
  /** What a reader who cannot see it is told of what it shows. */
  readonly description: string;
  readonly lines: readonly Line[];
  readonly spans?: readonly Span[];
  readonly xName: string;
  readonly yName: string;
  /** @default around all points; what lies beyond is cut off */
  readonly xRange?: Range;
  readonly yRange?: Range;
  /** What stands at the axes. @default round numbers */
  readonly xTicks?: readonly Tick[];
  readonly yTicks?: readonly Tick[];
  /** A dashed line from corner to corner where x equals y. */
  readonly diagonal?: boolean;
  readonly levels?: readonly ChartMark[];
  readonly moments?: readonly ChartMark[];
}

export const CHART_WIDTH = 480;
const HEIGHT = 260;
const LEFT = 62;
const BOTTOM = 44;
const TOP = 26;
const RIGHT = 14;
const PLOT = { width: CHART_WIDTH - RIGHT - LEFT, height: HEIGHT - BOTTOM - TOP } as const;

interface Scales {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
  readonly xRange: Range;
  readonly yRange: Range;
}

const ySpreadOf = ({ lines, spans = [], levels = [] }: Chart): readonly number[] => [
  ...lines.flatMap(({ points }) => points.flatMap(({ y, lower = y, upper = y }) => [y, lower, upper])),
  ...spans.map(({ y }) => y),
  ...levels.map(({ at }) => at),
];

const scalesOf = (chart: Chart): Scales => {
  const { lines, spans = [], diagonal } = chart;
  const xs = [
    ...lines.flatMap(({ points }) => points.map(({ x }) => x)),
    ...spans.flatMap(({ from, to }) => [from, to]),
  ];
  const ys = ySpreadOf(chart);
  const xRange = chart.xRange ?? rangeOf(diagonal === true ? [...xs, ...ys] : xs);
  const yRange = chart.yRange ?? (diagonal === true ? xRange : rangeOf(ys));
  const placed = (value: number, [low, high]: Range, from: number, to: number): string =>
    (from + ((value - low) / (high - low)) * (to - from)).toFixed(1);
  return {
    xRange,
    yRange,
    x: (value) => placed(value, xRange, LEFT, LEFT + PLOT.width),
    y: (value) => placed(value, yRange, TOP + PLOT.height, TOP),
  };
};

const cornersOf = (points: readonly { readonly x: number; readonly y: number }[], stepped: boolean) =>
  points.flatMap((point, at) => {
    const before = points[at - 1];
    return stepped && before !== undefined ? [{ x: point.x, y: before.y }, point] : [point];
  });

const drawLine = ({ of, points, dots = false, stepped = false }: Line, { x, y }: Scales): string => {
  const shown = points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  const banded = points.filter(({ lower, upper }) => lower !== undefined && upper !== undefined);
  const bars = dots
    ? banded.map(
        ({ x: at, lower = 0, upper = 0 }) =>
          `<line class="bar ${of}" x1="${x(at)}" x2="${x(at)}" y1="${y(lower)}" y2="${y(upper)}"/>`,
      )
    : [];
  const outline = [
    ...banded.map((point) => `${x(point.x)},${y(point.upper ?? point.y)}`),
    ...banded.toReversed().map((point) => `${x(point.x)},${y(point.lower ?? point.y)}`),
  ];
  const band = dots || banded.length < 2 ? '' : `<polygon class="band ${of}" points="${outline.join(' ')}"/>`;
  const path = cornersOf(shown, stepped).map((point) => `${x(point.x)},${y(point.y)}`);
  const circles = dots
    ? shown.map((point) => `<circle class="dot ${of}" cx="${x(point.x)}" cy="${y(point.y)}" r="3"/>`)
    : [];
  const line = path.length === 0 ? '' : `<polyline class="line ${of}" points="${path.join(' ')}"/>`;
  return `${band}${bars.join('')}${line}${circles.join('')}`;
};

const drawSpan = ({ from, to, y: height, of }: Span, { x, y }: Scales): string =>
  `<line class="span ${of}" x1="${x(from)}" x2="${x(to)}" y1="${y(height)}" y2="${y(height)}"/>`;

const axes = (chart: Chart, { x, y, xRange, yRange }: Scales): string => {
  const { xName, yName, xTicks = numberTicks(xRange), yTicks = numberTicks(yRange) } = chart;
  const below = xTicks.map(
    ({ at, text }) => `<text text-anchor="middle" x="${x(at)}" y="${HEIGHT - BOTTOM + 17}">${escapeHtml(text)}</text>`,
  );
  const left = yTicks.map(
    ({ at, text }) =>
      `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT.width}" y1="${y(at)}" y2="${y(at)}"/><text text-anchor="end" x="${LEFT - 5}" y="${y(at)}" dy="4">${escapeHtml(text)}</text>`,
  );
  const names = `<text text-anchor="middle" x="${LEFT + PLOT.width / 2}" y="${HEIGHT - 7}">${escapeHtml(xName)}</text><text x="4" y="14">${escapeHtml(yName)}</text>`;
  return `${left.join('')}${below.join('')}${names}`;
};

const isIn = ([low, high]: Range, value: number): boolean => value >= low && value <= high;

const drawLevel = ({ at, text = '', of }: ChartMark, { y, yRange }: Scales): string => {
  if (!isIn(yRange, at)) return '';
  const right = LEFT + PLOT.width;
  return `<line class="${of}" x1="${LEFT}" x2="${right}" y1="${y(at)}" y2="${y(at)}"/><text text-anchor="end" x="${right - 2}" y="${y(at)}" dy="-4">${escapeHtml(text)}</text>`;
};

/** Texts of neighbours stand one below the other, and on the side that has room. */
const drawMoment = ({ at, text = '', of }: ChartMark, index: number, { x, xRange }: Scales): string => {
  if (!isIn(xRange, at)) return '';
  const late = (at - xRange[0]) / (xRange[1] - xRange[0]) > 0.6;
  const told = `<text text-anchor="${late ? 'end' : 'start'}" x="${x(at)}" dx="${late ? -4 : 4}" y="${TOP + 13 + 16 * (index % 3)}">${escapeHtml(text)}</text>`;
  return `<line class="${of}" x1="${x(at)}" x2="${x(at)}" y1="${TOP}" y2="${TOP + PLOT.height}"/>${text === '' ? '' : told}`;
};

export const renderChart = (chart: Chart): string => {
  const scales = scalesOf(chart);
  const { x, y, xRange } = scales;
  const { levels = [], spans = [] } = chart;
  const moments = (chart.moments ?? []).toSorted((a, b) => Number(a.text !== undefined) - Number(b.text !== undefined));
  const silent = moments.filter(({ text }) => text === undefined).length;
  const diagonal =
    chart.diagonal === true
      ? `<line class="dashed" x1="${x(xRange[0])}" y1="${y(xRange[0])}" x2="${x(xRange[1])}" y2="${y(xRange[1])}"/>`
      : '';
  const drawn = [
    ...chart.lines.map((line) => drawLine(line, scales)),
    ...spans.map((span) => drawSpan(span, scales)),
  ].join('');
  // An inner picture cuts off what does not fit, without the ids that a clip path would need.
  const plot = `<svg x="${LEFT}" y="${TOP}" width="${PLOT.width}" height="${PLOT.height}" viewBox="${LEFT} ${TOP} ${PLOT.width} ${PLOT.height}">${diagonal}${drawn}</svg>`;
  const marks = [
    ...levels.map((level) => drawLevel(level, scales)),
    ...moments.map((moment, index) => drawMoment(moment, index - silent, scales)),
  ].join('');
  return `<figure><svg role="img" viewBox="0 0 ${CHART_WIDTH} ${HEIGHT}"><title>${escapeHtml(chart.title)}</title><desc>${escapeHtml(chart.description)}</desc>${axes(chart, scales)}${plot}${marks}</svg></figure>`;
};
