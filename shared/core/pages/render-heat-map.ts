import { escapeHtml, renderNote, renderTable, shortNumber } from '../reports/index.ts';
import type { DriftHeatMap } from './drift-heat-map.ts';

/** Shares of what stands out, at which the colour changes; the last three are marked by dots, too. */
const STEPS = [0.25, 0.5, 1, 2, 4] as const;
const DOTS = ['', '', '', '•', '••', '•••'] as const;

const levelOf = (value: number, notable: number): number => STEPS.filter((step) => value >= step * notable).length;

const cellOf = (value: number | undefined, notable: number): string => {
  if (value === undefined || !Number.isFinite(value)) return '<td class="none" aria-label="not compared">–</td>';
  const level = levelOf(value, notable);
  return `<td class="h${level}" aria-label="${shortNumber(value)}">${DOTS[level]}</td>`;
};

const scaleOf = ({ notable }: DriftHeatMap): string => {
  const bounds = STEPS.map((step) => shortNumber(step * notable));
  const entries = DOTS.map((dots, level) => {
    const text = level === 0 ? `below ${bounds[0]}` : `from ${bounds[level - 1]}`;
    return `<li><i class="h${level}">${dots}</i>${text}</li>`;
  });
  return `<ul class="scale" aria-label="Colours">${entries.join('')}</ul>`;
};

/**
 * Features by days, a colour a cell. The value under the pointer or the focus is told below; arrows, Home, End, PageUp and
 * PageDown move the focus. The same numbers stand in a table for whoever cannot use it.
 */
export const renderHeatMap = (map: DriftHeatMap): string => {
  const { days, rows, measure, notable } = map;
  const head = days.map(
    (day, at) =>
      `<th scope="col" data-day="${escapeHtml(day)}"><abbr title="${escapeHtml(day)}">${at === 0 || (at > 1 && day.endsWith('-01')) ? day.slice(5) : day.slice(8)}</abbr></th>`,
  );
  const body = rows.map(
    ({ name, values }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th>${values.map((value) => cellOf(value, notable)).join('')}</tr>`,
  );
  const label = `${measure}, by feature and day`;
  return [
    renderNote(
      `${measure}. The farthest in the newest days stand first; a value from ${shortNumber(notable)} on stands out.`,
    ),
    scaleOf(map),
    `<figure><div class="wide" role="group" aria-label="${escapeHtml(label)}" tabindex="0"><table class="heat" data-grid aria-label="${escapeHtml(label)}"><thead><tr><th scope="col">feature</th>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`,
    '<p class="told" role="status">Point at a cell, or move among them with the arrow keys.</p></figure>',
    `<details><summary>The numbers</summary>\n${renderTable({
      label: `${label}: the numbers`,
      columns: ['feature', ...days.map((day) => day.slice(5))],
      rows: rows.map(({ name, values }) => [name, ...values]),
    })}\n</details>`,
  ].join('\n');
};
