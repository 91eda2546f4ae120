import type { MlTestScore, ScoredItem } from '../../shared/core/ml-test-score/index.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { textTable } from './text-table.ts';

/** A model's ML Test Score as lines for a terminal. */

const SHOWN_NEXT = 5;
const SHOWN_DAYS = 7;

const dayOf = (atMs: number | undefined): string => (atMs === undefined ? '' : ` (${isoTime(atMs).slice(0, 10)})`);

const itemLines = ({ item, title, points, evidence, attestation, missing }: ScoredItem): readonly string[] => [
  `  ${String(points).padEnd(3)}  ${item.padEnd(16)}  ${title}`,
  ...evidence.map(({ what, where, atMs }) => `         + ${what}\n           ${where}${dayOf(atMs)}`),
  ...(attestation === undefined
    ? []
    : [
        `         + ${attestation.by} vouches until ${isoTime(attestation.expiresAtMs).slice(0, 10)}: ${attestation.note}`,
      ]),
  ...missing.map((text) => `         − ${text}`),
];

const trendLine = ({ trend }: MlTestScore): readonly string[] =>
  trend.length < 2
    ? []
    : [
        '',
        `trend: ${trend
          .slice(-SHOWN_DAYS)
          .map(({ day, score }) => `${day} ${score}`)
          .join(', ')}`,
      ];

const nextLines = ({ nextPoints }: MlTestScore): readonly string[] =>
  nextPoints.length === 0
    ? []
    : [
        '',
        'what raises it, cheapest first:',
        textTable(
          nextPoints
            .slice(0, SHOWN_NEXT)
            .map(({ item, points, effort, action }) => [`  ${item}`, `→ ${points}`, effort, action]),
        ),
      ];

export const scoreLines = (score: MlTestScore): string => {
  const version = score.version === undefined ? 'no version in service' : `version ${score.version} in service`;
  return [
    `${score.model}: ML Test Score ${score.score} of 7 on ${score.day}, ${version}`,
    `  ${score.reading}`,
    ...score.sections.flatMap(({ title, points, items }) => [
      '',
      `${title}: ${points} of 7`,
      ...items.flatMap(itemLines),
    ]),
    ...trendLine(score),
    ...nextLines(score),
  ].join('\n');
};
