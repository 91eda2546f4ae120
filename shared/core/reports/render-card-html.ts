import {
  type CardEvaluation,
  type CardSection,
  cardSections,
  cardTitle,
  EVALUATION_TITLE,
  type ModelCard,
  SERVING_TITLE,
} from '../governance/index.ts';
import { type Bar, renderBars } from './bars.ts';
import { type Cell, renderFacts, renderList, renderNote, renderSection, renderTable } from './html-blocks.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { rolloutReportPath } from './report-paths.ts';

const METRICS = ['loss', 'auc', 'brier'] as const;

const chartOf = ({ candidate, champion, baseline }: CardEvaluation): string =>
  renderBars({
    title: 'Holdout metrics of candidate, champion and baseline',
    description: 'Each metric has a scale of its own; the numbers are in the table below.',
    groups: METRICS.map((metric) =>
      (
        [
          ['candidate', candidate.quality[metric]],
          ['champion', champion?.quality[metric]],
          ['baseline', metric === 'loss' ? baseline.loss : undefined],
        ] as const
      ).flatMap(([of, value]): readonly Bar[] =>
        value === undefined || !Number.isFinite(value) ? [] : [{ name: `${metric}, ${of}`, value, of }],
      ),
    ),
  });

/** Each rollout of the version leads to its own report. */
const cellsOf = ({ title, table }: CardSection): readonly (readonly Cell[])[] =>
  (table?.rows ?? []).map((row) => {
    const [first = '', ...others] = row;
    if (title !== SERVING_TITLE) return row;
    return [{ href: `../../${rolloutReportPath(first)}`, text: first }, ...others];
  });

const sectionOf = (section: CardSection, evaluation: CardEvaluation | undefined): string => {
  const { title, facts, notes = [], table, code } = section;
  const blocks = [
    renderFacts(facts),
    title === EVALUATION_TITLE && evaluation !== undefined ? chartOf(evaluation) : '',
    renderList(notes),
    table === undefined || table.rows.length === 0
      ? ''
      : renderTable({ label: title, columns: table.columns, rows: cellsOf(section) }),
    code === undefined ? '' : `<pre>${escapeHtml(code)}</pre>`,
  ].filter((block) => block !== '');
  return renderSection(title, ...(blocks.length === 0 ? [renderNote('Nothing on record.')] : blocks));
};

/** A card as one page that needs nothing else. Whatever users wrote stands there as text. */
export const renderCardHtml = (card: ModelCard): string => {
  const { content } = card;
  return htmlPage({
    title: cardTitle(card),
    links: [
      ...(content.evaluation === undefined ? [] : [{ href: 'report', text: 'Evaluation report' }]),
      { href: '../../rollouts/report', text: `All rollouts of ${content.model}` },
    ],
    sections: cardSections(card).map((section) => sectionOf(section, content.evaluation)),
  });
};
