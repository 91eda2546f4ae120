import { escapeHtml } from '../governance/index.ts';

/** Charts as SVG that needs nothing else and follows the page's colours; as wide as its place. */

export interface Line {
  /** Which of the page's colours: a class. */
  readonly of: 'candidate' | 'champion' | 'baseline' | 'single';
  readonly points: readonly Point[];
  readonly dots?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface Chart {
  /** What a reader who cannot see it is told. */
  readonly label: string;
  readonly lines: readonly Line[];
  readonly xName: string;
  readonly yName: string;
  /** What stands below the axis, by x. @default numbers */
  readonly ticks?: readonly { readonly x: number; readonly text: string }[];
  /** A dashed line from corner to corner where x equals y. */
  readonly diagonal?: boolean;
  readonly mark?: { readonly x: number; readonly text: string };
}

const WIDTH = 560;
const HEIGHT = 260;
const LEFT = 56;
const BOTTOM = 40;
const TOP = 12;
const RIGHT = 12;

export const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

const rangeOf = (values: readonly number[]): readonly [number, number] => {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [0, 1];
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const room = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.05, 0.05);
  return [low - room, high + room];
};

interface Scales {
  readonly x: (value: number) => string;
  readonly y: (value: number) => string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
}

const scalesOf = ({ lines, diagonal }: Chart): Scales => {
  const points = lines.flatMap((line) => line.points);
  const xs = points.map(({ x }) => x);
  const ys = points.flatMap(({ y, lower = y, upper = y }) => [y, lower, upper]);
  const xRange = rangeOf(diagonal === true ? [...xs, ...ys] : xs);
  const yRange = diagonal === true ? xRange : rangeOf(ys);
  const placed = (value: number, [low, high]: readonly [number, number], from: number, to: number): string =>
    (from + ((value - low) / (high - low)) * (to - from)).toFixed(1);
  return {
    xRange,
    yRange,
    x: (value) => placed(value, xRange, LEFT, WIDTH - RIGHT),
    y: (value) => placed(value, yRange, HEIGHT - BOTTOM, TOP),
  };
};

const drawLine = ({ of, points, dots = false }: Line, { x, y }: Scales): string => {
  const shown = points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y));
  const banded = shown.filter(({ lower, upper }) => lower !== undefined && upper !== undefined);
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
  const path = shown.map((point) => `${x(point.x)},${y(point.y)}`).join(' ');
  const circles = dots
    ? shown.map((point) => `<circle class="dot ${of}" cx="${x(point.x)}" cy="${y(point.y)}" r="3"/>`)
    : [];
  return `${band}${bars.join('')}<polyline class="line ${of}" points="${path}"/>${circles.join('')}`;
};

const axes = ({ xName, yName, ticks }: Chart, { x, y, xRange, yRange }: Scales): string => {
  const steps = (range: readonly [number, number]): readonly number[] =>
    [0.1, 0.5, 0.9].map((share) => range[0] + share * (range[1] - range[0]));
  const below = ticks ?? steps(xRange).map((at) => ({ x: at, text: shortNumber(at) }));
  const xTexts = below.map(
    ({ x: at, text }) =>
      `<text text-anchor="middle" x="${x(at)}" y="${HEIGHT - BOTTOM + 15}">${escapeHtml(text)}</text>`,
  );
  const yTexts = steps(yRange).map(
    (at) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(at)}" y2="${y(at)}"/><text text-anchor="end" x="${LEFT - 5}" y="${y(at)}" dy="4">${shortNumber(at)}</text>`,
  );
  const names = `<text text-anchor="middle" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}">${escapeHtml(xName)}</text><text x="4" y="${TOP}">${escapeHtml(yName)}</text>`;
  return `${yTexts.join('')}${xTexts.join('')}${names}`;
};

export const renderChart = (chart: Chart): string => {
  const scales = scalesOf(chart);
  const { x, y, xRange } = scales;
  const diagonal =
    chart.diagonal === true
      ? `<line class="grid dashed" x1="${x(xRange[0])}" y1="${y(xRange[0])}" x2="${x(xRange[1])}" y2="${y(xRange[1])}"/>`
      : '';
  const { mark } = chart;
  const marked =
    mark === undefined
      ? ''
      : `<line class="grid dashed" x1="${x(mark.x)}" x2="${x(mark.x)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text x="${x(mark.x)}" dx="4" y="${TOP + 10}">${escapeHtml(mark.text)}</text>`;
  const lines = chart.lines.map((line) => drawLine(line, scales)).join('');
  return `<svg role="img" aria-label="${escapeHtml(chart.label)}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${axes(chart, scales)}${diagonal}${marked}${lines}</svg>`;
};

const BAR_HEIGHT = 22;
const NAME_WIDTH = 200;

/** One bar a name, the longest as wide as there is room; negative ones are drawn as nothing, with their number. */
export const renderBars = (
  label: string,
  bars: readonly { readonly name: string; readonly value: number }[],
): string => {
  const most = bars.reduce((greatest, { value }) => Math.max(greatest, value), 0);
  const rows = bars.map(({ name, value }, at) => {
    const width = most === 0 ? 0 : (Math.max(0, value) / most) * (WIDTH - NAME_WIDTH - 70);
    const top = at * BAR_HEIGHT;
    return `<text text-anchor="end" x="${NAME_WIDTH - 6}" y="${top + 15}">${escapeHtml(name)}</text><rect class="fill candidate" x="${NAME_WIDTH}" y="${top + 4}" width="${width.toFixed(1)}" height="14"/><text x="${(NAME_WIDTH + width + 6).toFixed(1)}" y="${top + 15}">${shortNumber(value)}</text>`;
  });
  const height = Math.max(1, bars.length) * BAR_HEIGHT;
  return `<svg role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${WIDTH} ${height}">${rows.join('')}</svg>`;
};
