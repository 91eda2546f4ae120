import { type CardSection, type CardTable, cardSections, cardTitle } from './card-sections.ts';
import type { ModelCard } from './model-card.ts';

/** Text as CommonMark and GitHub's tables show it: no mark-up, no link, no HTML, one line. */
const escapeMarkdown = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[\\`*_{}[\]<>()#+!|~&]/g, '\\$&')
    // What would begin a list or a rule.
    .replace(/^([-=])(?=[-=\s]|$)/, '\\$1')
    .replace(/^(\d+)(\.)(?=\s|$)/, '$1\\$2');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const renderTable = ({ columns, rows }: CardTable): string =>
  [row(columns), row(columns.map(() => '---')), ...rows.map((cells) => row(cells.map(escapeMarkdown)))].join('\n');

/** A fence that no line of the code ends. */
const renderCode = (code: string): string => {
  const longest = (code.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return `${fence}sql\n${code.trim()}\n${fence}`;
};

const renderSection = ({ title, facts, notes = [], table, code }: CardSection): string => {
  const lines = [
    ...facts.map(([label, text]) => `- **${escapeMarkdown(label)}:** ${escapeMarkdown(text)}`),
    ...notes.map((note) => `- ${escapeMarkdown(note)}`),
  ];
  const blocks = [
    `## ${title}`,
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    ...(table === undefined || table.rows.length === 0 ? [] : [renderTable(table)]),
    ...(code === undefined ? [] : [renderCode(code)]),
  ];
  return (blocks.length === 1 ? [...blocks, 'Nothing on record.'] : blocks).join('\n\n');
};

/** A card as Markdown. Whatever users wrote stands there as text. */
export const renderCardMarkdown = (card: ModelCard): string =>
  `${[`# ${escapeMarkdown(cardTitle(card))}`, ...cardSections(card).map(renderSection)].join('\n\n')}\n`;
