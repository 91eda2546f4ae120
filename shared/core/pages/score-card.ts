import { type Cell, escapeHtml, renderNote, renderTable, renderText, shortNumber } from '../reports/index.ts';

/** A model's ML Test Score, as far as a page tells it. */
export interface ScoreCard {
  readonly day: string;
  /** The least of the sections' points, 0 to 7. */
  readonly score: number;
  readonly reading: string;
  readonly sections: readonly {
    readonly title: string;
    readonly points: number;
    readonly items: readonly {
      readonly item: string;
      readonly title: string;
      readonly points: number;
      readonly evidence: readonly { readonly what: string; readonly where: string }[];
      readonly missing: readonly string[];
    }[];
  }[];
  /** Cheapest first. */
  readonly nextPoints: readonly { readonly item: string; readonly action: string; readonly effort: string }[];
  readonly trend: readonly { readonly day: string; readonly score: number }[];
}

const SHOWN_NEXT = 3;

const rowOf = ({
  item,
  title,
  points,
  evidence,
  missing,
}: ScoreCard['sections'][number]['items'][number]): readonly Cell[] => [
  `${item} ${title}`,
  points,
  evidence.length === 0 ? 'none on record' : evidence.map(({ what, where }) => `${what} (${where})`).join('; '),
  missing.join('; '),
];

/** The sections' points, the cheapest next points, and each item with its evidence behind a click. */
export const renderScore = ({ day, score, reading, sections, nextPoints, trend }: ScoreCard): string => {
  const first = trend[0];
  const since = first === undefined || first.day === day ? '' : `, ${shortNumber(first.score)} on ${first.day}`;
  const cheapest = nextPoints
    .slice(0, SHOWN_NEXT)
    .map(({ item, action, effort }) => `<li>${escapeHtml(`${item}: ${action} (${effort})`)}</li>`);
  return [
    `<p><strong>${shortNumber(score)} of 7</strong> on ${escapeHtml(day)}${escapeHtml(since)}</p>`,
    renderText(reading),
    `<div class="cards">${sections.map(({ title, points }) => `<div><b>${escapeHtml(title)}</b><p>${shortNumber(points)} of 7</p></div>`).join('')}</div>`,
    ...(cheapest.length === 0 ? [] : [renderNote('The cheapest next points:'), `<ul>${cheapest.join('')}</ul>`]),
    ...sections.map(
      ({ title, items }) =>
        `<details><summary>${escapeHtml(title)}: each item and its evidence</summary>\n${renderTable({
          label: `ML Test Score: ${title}`,
          columns: ['item', 'points', 'evidence', 'missing'],
          rows: items.map(rowOf),
        })}\n</details>`,
    ),
  ].join('\n');
};
