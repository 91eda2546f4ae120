import { escapeHtml, shortNumber } from '../reports/index.ts';

const WIDTH = 112;
const HEIGHT = 32;
const ROOM = 2;

/** A line of drift evidence by day, with the limit at 1. */
export const renderSparkline = (
  model: string,
  points: readonly { readonly day: string; readonly value: number }[],
): string => {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return '–';
  const top = points.reduce((most, { value }) => Math.max(most, value), 1.2);
  const x = (at: number): string =>
    (ROOM + (points.length === 1 ? 0.5 : at / (points.length - 1)) * (WIDTH - 2 * ROOM)).toFixed(1);
  const y = (value: number): string => (HEIGHT - ROOM - (value / top) * (HEIGHT - 2 * ROOM)).toFixed(1);
  const described = `Drift evidence from ${first.day} to ${last.day}; the newest is ${shortNumber(last.value)} × the limit.`;
  const path = points.map(({ value }, at) => `${x(at)},${y(value)}`).join(' ');
  return `<svg class="spark" role="img" viewBox="0 0 ${WIDTH} ${HEIGHT}"><title>${escapeHtml(`Drift evidence of ${model}`)}</title><desc>${described}</desc><line class="dashed" x1="0" x2="${WIDTH}" y1="${y(1)}" y2="${y(1)}"/><polyline class="line candidate" points="${path}"/><circle class="dot candidate" cx="${x(points.length - 1)}" cy="${y(last.value)}" r="2.5"/></svg>`;
};
