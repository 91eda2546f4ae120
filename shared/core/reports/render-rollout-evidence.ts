import { type ChartMark, renderChart } from './chart.ts';
import { type Range, shortNumber, timeAxisName, timeTicks } from './chart-scales.ts';
import { renderEvidenceChart, tellDifference } from './evidence-chart.ts';
import type { EvidenceSeries } from './evidence-series.ts';
import { type Cell, renderKey, renderNote, renderSection, renderTable, renderText } from './html-blocks.ts';
import { escapeHtml } from './html-page.ts';
import type { RolloutReport } from './rollout-report.ts';
import { timeOf } from './tell-time.ts';

/** What every chart of the page shows, so that what is above each other was at the same time. */
export const timeRangeOf = ({ startedAtMs, throughMs, shifts, evidence }: RolloutReport): Range => {
  const firstMs = Math.min(startedAtMs, ...evidence.map(({ points }) => points[0]?.throughMs ?? startedAtMs));
  const lastMs = Math.max(throughMs, shifts.at(-1)?.atMs ?? 0, firstMs + 60_000);
  const room = (lastMs - firstMs) * 0.02;
  return [firstMs - room, lastMs + room];
};

const shiftMarks = ({ shifts }: RolloutReport): readonly ChartMark[] =>
  shifts.map(({ atMs }) => ({ at: atMs, of: 'grid' }));

export const trafficSection = (report: RolloutReport, timeRange: Range): string => {
  const { shifts, status, throughMs } = report;
  if (shifts.length === 0) return renderSection('Traffic', renderText('It was given no traffic.'));
  const last = shifts.at(-1)?.weight ?? 0;
  const endsAt = status === 'ROLLED_BACK' || status === 'FAILED' ? 0 : last;
  const points = [
    { x: timeRange[0], y: 0 },
    ...shifts.map(({ atMs, weight }) => ({ x: atMs, y: 100 * weight })),
    { x: throughMs, y: 100 * endsAt },
    { x: timeRange[1], y: 100 * endsAt },
  ];
  const chart = renderChart({
    title: 'Share of the traffic over time',
    description: `In percent: ${shifts.map(({ atMs, weight }) => `${shortNumber(100 * weight)} from ${timeOf(atMs)}`).join(', ')}.`,
    xName: timeAxisName(timeRange),
    yName: 'percent of the traffic',
    xRange: timeRange,
    xTicks: timeTicks(timeRange),
    yRange: [-4, 104],
    yTicks: [0, 25, 50, 75, 100].map((at) => ({ at, text: `${at}` })),
    lines: [{ of: 'candidate', stepped: true, points }],
  });
  return renderSection('Traffic', chart);
};

const nameOf = ({ metric, slice }: EvidenceSeries): string =>
  slice === 'all' ? `${metric}, whole traffic` : `${metric}, ${slice}`;

const chartOf = (series: EvidenceSeries, report: RolloutReport, timeRange: Range): string => {
  const { shown } = series;
  return renderEvidenceChart({
    ...series,
    title: nameOf(series),
    timeRange,
    moments: [
      ...shiftMarks(report),
      ...(shown === undefined ? [] : [{ at: shown.throughMs, text: `shown ${shown.what}`, of: 'mark' } as const]),
    ],
  });
};

const evidenceRow = (series: EvidenceSeries): readonly Cell[] => {
  const { kind, margin, last, shown } = series;
  return [
    nameOf(series),
    last.units.canary,
    last.units.champion,
    tellDifference(kind, last.estimate),
    `${tellDifference(kind, last.lower)} to ${tellDifference(kind, last.upper)}`,
    margin === undefined ? undefined : tellDifference(kind, margin),
    last.eValueAbort,
    last.abortAt,
    last.eValuePromote,
    last.detectableHarm === undefined ? 'none' : tellDifference(kind, last.detectableHarm),
    shown === undefined ? 'nothing' : shown.what,
  ];
};

const EVIDENCE_COLUMNS = [
  'metric',
  'canary units',
  'champion units',
  'difference',
  'confidence sequence',
  'margin',
  'e-value: worse',
  'aborts at',
  'e-value: not worse',
  'harm that could be seen',
  'shown',
];

/** Confidence sequences below their names. */
export const renderEvidence = (
  some: readonly EvidenceSeries[],
  report: RolloutReport,
  timeRange: Range,
): readonly string[] =>
  some.map((series) => `<h3>${escapeHtml(nameOf(series))}</h3>\n${chartOf(series, report, timeRange)}`);

/** The confidence sequence of each metric in the whole traffic. */
export const renderWholeEvidence = (report: RolloutReport, timeRange: Range): readonly string[] =>
  renderEvidence(
    report.evidence.filter(({ slice }) => slice === 'all'),
    report,
    timeRange,
  );

export const evidenceSection = (report: RolloutReport, timeRange: Range): string => {
  const { evidence, plan, lookCount, looksComplete, previousVersion } = report;
  if (evidence.length === 0 || plan === undefined) {
    const why =
      previousVersion === undefined
        ? 'Nothing was in service to compare it with.'
        : 'No evidence is on record: it did not get as far, or was decided before evidence was kept.';
    return renderSection('Evidence', renderText(why));
  }
  const slices = evidence.filter(({ slice }) => slice !== 'all');
  const inSlices =
    slices.length === 0
      ? []
      : [
          `<details><summary>Each of the ${slices.length} slices drawn</summary>\n${renderEvidence(slices, report, timeRange).join('\n')}\n</details>`,
        ];
  return renderSection(
    'Evidence',
    renderNote(
      `The canary's mean less the champion's, at ${looksComplete ? '' : 'the first '}${lookCount} looks. Where the whole band lies above zero (or what is tolerated) the canary is worse; where it lies below the margin it is not worse by that much. Both may be read at any look: the first errs in at most ${shortNumber(100 * plan.alphaAbort)} % of rollouts over everything that is drawn here, the second in ${shortNumber(100 * plan.alphaPromote)} %. Bounds beyond the picture are cut off.`,
    ),
    renderKey([{ of: 'candidate', text: 'difference, in its confidence sequence' }]),
    ...renderWholeEvidence(report, timeRange),
    ...inSlices,
    '<h3>At the newest look</h3>',
    renderTable({ label: 'Evidence at the newest look', columns: EVIDENCE_COLUMNS, rows: evidence.map(evidenceRow) }),
  );
};
