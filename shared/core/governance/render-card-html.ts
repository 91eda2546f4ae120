import { type CardSection, type CardTable, cardSections, cardTitle, EVALUATION_TITLE } from './card-sections.ts';
import type { CardEvaluation, ModelCard } from './model-card.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const STYLE = `
:root { color-scheme: light dark; --text: #1c2126; --page: #ffffff; --line: #d5dade; --muted: #59636e;
  --candidate: #0b6bcb; --champion: #8250df; --baseline: #8c959f }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --page: #14181c; --line: #39424a; --muted: #9aa5b0;
    --candidate: #58a6ff; --champion: #bc8cff; --baseline: #8c959f }
}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto;
  max-width: 60rem; padding: 0 1rem; overflow-wrap: anywhere }
h2 { border-bottom: 1px solid var(--line); font-size: 1.15rem; margin-top: 2rem }
dl { display: grid; gap: .2rem 1rem; grid-template-columns: minmax(8rem, 12rem) 1fr }
dt { color: var(--muted) } dd { margin: 0; white-space: pre-wrap }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left }
pre { border: 1px solid var(--line); overflow-x: auto; padding: .75rem; white-space: pre-wrap }
svg { max-width: 100% } svg text { fill: var(--text); font: 12px system-ui, sans-serif }
.candidate { fill: var(--candidate) } .champion { fill: var(--champion) } .baseline { fill: var(--baseline) }
`;

interface Bar {
  readonly of: 'candidate' | 'champion' | 'baseline';
  readonly value: number | undefined;
}

const LABEL_WIDTH = 150;
const BAR_WIDTH = 320;
const ROW_HEIGHT = 20;
const CHART_WIDTH = 560;

/** Each metric has a scale of its own, from 0 to its greatest value. */
const renderBars = (metric: string, bars: readonly Bar[], firstRow: number): readonly string[] => {
  const shown = bars.filter((bar): bar is Bar & { readonly value: number } => Number.isFinite(bar.value));
  const most = shown.reduce((greatest, { value }) => Math.max(greatest, value), 0);
  return shown.map(({ of, value }, index) => {
    const y = (firstRow + index) * ROW_HEIGHT;
    const width = most === 0 ? 0 : Number(((Math.max(0, value) / most) * BAR_WIDTH).toFixed(1));
    const label = `<text x="0" y="${y + 14}">${metric}, ${of}</text>`;
    const bar = `<rect class="${of}" x="${LABEL_WIDTH}" y="${y + 3}" width="${width}" height="14"/>`;
    return `${label}${bar}<text x="${LABEL_WIDTH + width + 6}" y="${y + 14}">${Number(value.toPrecision(5))}</text>`;
  });
};

const renderChart = ({ candidate, champion, baseline }: CardEvaluation): string => {
  const metrics = ['loss', 'auc', 'brier'] as const;
  const rows: string[] = [];
  for (const metric of metrics) {
    const bars: readonly Bar[] = [
      { of: 'candidate', value: candidate.quality[metric] },
      { of: 'champion', value: champion?.quality[metric] },
      { of: 'baseline', value: metric === 'loss' ? baseline.loss : undefined },
    ];
    rows.push(...renderBars(metric, bars, rows.length));
  }
  const height = rows.length * ROW_HEIGHT;
  const label = 'Holdout metrics of candidate, champion and baseline';
  return `<svg role="img" aria-label="${label}" width="${CHART_WIDTH}" height="${height}" viewBox="0 0 ${CHART_WIDTH} ${height}">${rows.join('')}</svg>`;
};

const cells = (tag: 'th' | 'td', texts: readonly string[]): string =>
  `<tr>${texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`;

const renderTable = ({ columns, rows }: CardTable): string =>
  `<table><thead>${cells('th', columns)}</thead><tbody>${rows.map((row) => cells('td', row)).join('')}</tbody></table>`;

const renderFacts = (facts: CardSection['facts']): string =>
  `<dl>${facts.map(([label, text]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;

const renderNotes = (notes: readonly string[]): string =>
  `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`;

const renderSection = ({ title, facts, notes = [], table, code }: CardSection, chart: string | undefined): string => {
  const blocks = [
    ...(facts.length === 0 ? [] : [renderFacts(facts)]),
    ...(chart === undefined ? [] : [chart]),
    ...(notes.length === 0 ? [] : [renderNotes(notes)]),
    ...(table === undefined || table.rows.length === 0 ? [] : [renderTable(table)]),
    ...(code === undefined ? [] : [`<pre>${escapeHtml(code)}</pre>`]),
  ];
  const inside = blocks.length === 0 ? '<p>Nothing on record.</p>' : blocks.join('\n');
  return `<section>\n<h2>${escapeHtml(title)}</h2>\n${inside}\n</section>`;
};

/** Nothing is loaded and no script runs, whatever a card says. */
export const CARD_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A card as one page that needs nothing else. Whatever users wrote stands there as text. */
export const renderCardHtml = (card: ModelCard): string => {
  const { evaluation } = card.content;
  const title = escapeHtml(cardTitle(card));
  const sections = cardSections(card).map((section) =>
    renderSection(
      section,
      section.title === EVALUATION_TITLE && evaluation !== undefined ? renderChart(evaluation) : undefined,
    ),
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${CARD_CONTENT_POLICY}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${sections.join('\n')}
</body>
</html>
`;
};
