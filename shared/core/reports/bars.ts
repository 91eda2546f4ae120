import { CHART_WIDTH } from './chart.ts';
import { shortNumber } from './chart-scales.ts';
import { escapeHtml } from './html-page.ts';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly of: 'candidate' | 'champion' | 'baseline';
}

export interface BarChart {
  readonly title: string;
  readonly description: string;
  /** Each group has a scale of its own, from 0 to its greatest value. */
  readonly groups: readonly (readonly Bar[])[];
}

const ROW = 36;
/** Of the number behind the longest bar. */
const NUMBER_WIDTH = 76;

/** A bar below its name, the longest of a group as wide as there is room; a negative one is drawn as nothing, with its number. */
export const renderBars = ({ title, description, groups }: BarChart): string => {
  const bars = groups.flatMap((group) => {
    const most = group.reduce((greatest, { value }) => Math.max(greatest, value), 0);
    return group.map((bar) => ({
      ...bar,
      width: most === 0 ? 0 : (Math.max(0, bar.value) / most) * (CHART_WIDTH - NUMBER_WIDTH),
    }));
  });
  const rows = bars.map(({ name, value, of, width }, index) => {
    const top = index * ROW;
    return `<text x="0" y="${top + 14}">${escapeHtml(name)}</text><rect class="fill ${of}" x="0" y="${top + 19}" width="${width.toFixed(1)}" height="12"/><text x="${(width + 6).toFixed(1)}" y="${top + 30}">${shortNumber(value)}</text>`;
  });
  const height = Math.max(1, bars.length) * ROW;
  return `<figure><svg role="img" viewBox="0 0 ${CHART_WIDTH} ${height}"><title>${escapeHtml(title)}</title><desc>${escapeHtml(description)}</desc>${rows.join('')}</svg></figure>`;
};
