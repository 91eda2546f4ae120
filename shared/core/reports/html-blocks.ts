import { shortNumber } from './chart-scales.ts';
import { escapeHtml, type PageLink, renderLink } from './html-page.ts';

/** What pages for people are made of. Text that is given is escaped; only `html` is taken as it is. */

export type Cell = string | number | undefined | PageLink;

const cellHtml = (cell: Cell): string => {
  if (cell === undefined || cell === '') return '–';
  if (typeof cell === 'number') return shortNumber(cell);
  return typeof cell === 'string' ? escapeHtml(cell) : renderLink(cell);
};

export interface PageTable {
  /** What it is a table of: for who cannot see the heading above it. */
  readonly label: string;
  /** The first names the rows. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Up to so many characters a cell stays on one line; a longer text gets room for several words a line. */
const SHORT_TEXT = 28;

const widthOf = (cell: Cell): string => {
  const length = typeof cell === 'object' ? cell.text.length : String(cell).length;
  return length <= SHORT_TEXT ? ' class="s"' : ' class="l"';
};

/** Can be scrolled sideways, by keys too, where it does not fit. */
export const renderTable = ({ label, columns, rows }: PageTable): string => {
  const numeric = columns.map((_, at) => at > 0 && rows.some((row) => typeof row[at] === 'number'));
  const style = (at: number): string => (numeric[at] === true ? ' class="n"' : '');
  const head = columns.map((name, at) => `<th scope="col"${style(at)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, at) => {
      const look = numeric[at] === true ? style(at) : widthOf(cell);
      return at === 0 ? `<th scope="row"${look}>${cellHtml(cell)}</th>` : `<td${look}>${cellHtml(cell)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="wide" role="group" aria-label="${escapeHtml(label)}" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
};

export const renderNote = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`;

export const renderText = (text: string): string => `<p>${escapeHtml(text)}</p>`;

export const renderSection = (title: string, ...blocks: readonly string[]): string =>
  `<section>\n<h2>${escapeHtml(title)}</h2>\n${blocks.join('\n')}\n</section>`;

/** Facts without a text are left out. */
export const renderFacts = (facts: readonly (readonly [label: string, text: string | undefined])[]): string => {
  const told = facts.flatMap(([label, text]) =>
    text === undefined || text === '' ? [] : [`<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`],
  );
  return told.length === 0 ? '' : `<dl>${told.join('')}</dl>`;
};

export const renderList = (texts: readonly string[]): string =>
  texts.length === 0 ? '' : `<ul>${texts.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul>`;

/** What the colours of a chart stand for; each is told by its dashes, too. */
export const renderKey = (
  entries: readonly { readonly of: 'candidate' | 'champion' | 'baseline' | 'muted'; readonly text: string }[],
): string =>
  `<p>${entries.map(({ of, text }) => `<span class="key ${of}">■ ${escapeHtml(text)}</span>`).join(' · ')}</p>`;
