import { isoTime } from '../../kernel/time.ts';
import {
  escapeHtml,
  htmlPage,
  renderChart,
  renderFacts,
  renderList,
  renderNote,
  renderSection,
  renderTable,
} from '../reports/index.ts';
import type { Evidence, MlTestScore, ScoredItem, ScoredSection, StandingWord } from './score-types.ts';

/** A score for people: a part of a page, sections of one, and a page of its own. */

const EFFORT_WORDS = {
  command: 'one command',
  definition: 'a line of the definition',
  attest: 'a person’s word',
  time: 'time',
  work: 'work',
} as const;

const SHOWN_NEXT = 5;
const MARKS = { 0: '○', 0.5: '◐', 1: '●' } as const;

const dayOf = (atMs: number): string => isoTime(atMs).slice(0, 10);

const evidenceText = ({ what, where, atMs }: Evidence): string =>
  `${what} (${where}${atMs === undefined ? '' : `, ${dayOf(atMs)}`})`;

const wordText = ({ by, note, atMs, expiresAtMs }: StandingWord): string =>
  `${by} on ${dayOf(atMs)}, until ${dayOf(expiresAtMs)}: ${note}`;

const trendChart = ({ trend }: MlTestScore): readonly string[] => {
  const [first, last] = [trend[0], trend.at(-1)];
  if (first === undefined || last === undefined || trend.length < 2) return [];
  const ticks = [first, last].map(({ day }, i) => ({ at: i * (trend.length - 1), text: day.slice(5) }));
  return [
    renderChart({
      title: 'Score by day',
      description: `From ${first.score} on ${first.day} to ${last.score} on ${last.day}.`,
      xName: 'day',
      yName: 'score',
      yRange: [0, 7],
      xTicks: ticks,
      lines: [{ of: 'candidate', stepped: true, points: trend.map(({ score }, x) => ({ x, y: score })) }],
    }),
  ];
};

const overview = (score: MlTestScore): readonly string[] => {
  const { nextPoints } = score;
  const rows = nextPoints
    .slice(0, SHOWN_NEXT)
    .map(({ item, points, effort, action }) => [item, points, EFFORT_WORDS[effort], action]);
  return [
    `<p><strong>${score.score} of 7</strong>: ${escapeHtml(score.reading)}.</p>`,
    renderFacts(score.sections.map(({ title, points }) => [title, `${points} of 7`])),
    ...trendChart(score),
    ...(rows.length === 0
      ? []
      : [
          '<h3>What raises it, cheapest first</h3>',
          renderTable({ label: 'Next points', columns: ['test', 'then', 'takes', 'by'], rows }),
        ]),
    renderNote(
      'The least of four sections counts. 0: nothing on record; half a point: done by hand and documented; a point: automated and recorded. After Breck et al. 2017.',
    ),
  ];
};

const itemBlock = ({
  item,
  title,
  points,
  halfPoint,
  wholePoint,
  evidence,
  attestation,
  missing,
  next,
}: ScoredItem) => {
  const look = points === 1 ? ' class="passed"' : points === 0 ? ' class="refused"' : '';
  const facts = renderFacts([
    ['half a point', halfPoint],
    ['a point', wholePoint],
    ['vouched for', attestation && wordText(attestation)],
    ['next', next && `${next.points}: ${next.action} (${EFFORT_WORDS[next.effort]})`],
  ]);
  const found = evidence.length === 0 ? '' : `<h3>On record</h3>${renderList(evidence.map(evidenceText))}`;
  const lacks = missing.length === 0 ? '' : `<h3>Missing</h3>${renderList(missing)}`;
  return `<details><summary><span${look}>${MARKS[points]} ${points}</span> ${escapeHtml(`${item}: ${title}`)}</summary>${found}${lacks}${facts}</details>`;
};

const sectionTitle = ({ title, points }: ScoredSection): string => `${title}: ${points} of 7`;

/** A score below a heading of another page: the overview, and each item behind a click. */
export const mlTestScorePart = (score: MlTestScore): string =>
  [
    ...overview(score),
    ...score.sections.flatMap((section) => [
      `<h3>${escapeHtml(sectionTitle(section))}</h3>`,
      ...section.items.map(itemBlock),
    ]),
  ].join('\n');

/** Sections of a page, the overview first. */
const mlTestScoreSections = (score: MlTestScore): readonly string[] => [
  renderSection('ML Test Score', ...overview(score)),
  ...score.sections.map((section) => renderSection(sectionTitle(section), ...section.items.map(itemBlock))),
];

/** A page that needs nothing else. */
export const renderMlTestScore = (score: MlTestScore): string => {
  const version = score.version === undefined ? 'no version in service' : `version ${score.version} in service`;
  return htmlPage({
    title: `ML Test Score of ${score.model}`,
    lead: renderNote(`${score.day}, ${version}; scored ${isoTime(score.scoredAtMs)}`),
    sections: mlTestScoreSections(score),
  });
};
