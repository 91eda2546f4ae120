import { shorten } from '../../kernel/show-value.ts';
import { renderChart, type Span } from './chart.ts';
import { numberTicks, type Range, timeAxisName, timeTicks } from './chart-scales.ts';
import { type Cell, renderNote, renderSection, renderTable, renderText } from './html-blocks.ts';
import { htmlPage } from './html-page.ts';
import { cardPath } from './report-paths.ts';
import type { RolloutTimeline, TimelineRollout } from './rollout-timeline.ts';
import { timeOf } from './tell-time.ts';

const STATUS = {
  RUNNING: { text: 'running', of: 'running' },
  PROMOTED: { text: 'promoted', of: 'promoted' },
  ROLLED_BACK: { text: 'rolled back', of: 'ended' },
  FAILED: { text: 'failed', of: 'ended' },
} as const satisfies Record<TimelineRollout['status'], { readonly text: string; readonly of: Span['of'] }>;

const SHOWN_VERSIONS = 8;
/** The rollout's own report has it whole. */
const LONGEST_REASON = 120;

/** Versions have whole numbers: each a tick while there are few. */
const versionTicks = (versions: readonly number[], range: Range) => {
  const distinct = [...new Set(versions)].toSorted((a, b) => a - b);
  if (distinct.length <= SHOWN_VERSIONS) return distinct.map((at) => ({ at, text: String(at) }));
  return numberTicks(range).filter(({ at }) => Number.isInteger(at));
};

const chartOf = ({ model, rollouts, champions, atMs }: RolloutTimeline): string => {
  const firstMs = Math.min(atMs - 60_000, ...rollouts.map(({ startedAtMs }) => startedAtMs));
  const room = (atMs - firstMs) * 0.02;
  const timeRange: Range = [firstMs - room, atMs + room];
  const versions = [...rollouts.map(({ version }) => version), ...champions.map(({ version }) => version)];
  const yRange: Range = [Math.min(...versions) - 0.7, Math.max(...versions) + 0.7];
  const steps = champions.map(({ version, fromMs }) => ({ x: fromMs, y: version }));
  const standing = champions.at(-1);
  return renderChart({
    title: `Rollouts of ${model} over time`,
    description: `${rollouts.length} rollouts${standing === undefined ? '' : `; the champion is version ${standing.version}`}.`,
    xName: timeAxisName(timeRange),
    yName: 'version',
    xRange: timeRange,
    xTicks: timeTicks(timeRange),
    yRange,
    yTicks: versionTicks(versions, yRange),
    lines: [
      {
        of: 'champion',
        stepped: true,
        points: standing === undefined ? [] : [...steps, { x: atMs, y: standing.version }],
      },
    ],
    spans: rollouts.map(({ version, startedAtMs, endedAtMs, status }) => ({
      from: startedAtMs,
      to: endedAtMs ?? atMs,
      y: version,
      of: STATUS[status].of,
    })),
  });
};

const rowOf = ({
  rolloutId,
  report,
  kind,
  version,
  previousVersion,
  status,
  startedAtMs,
  endedAtMs,
  decidedBy,
  reason,
}: TimelineRollout): readonly Cell[] => [
  // The page is at `rollouts/report`, a rollout's below `rollouts/`.
  { href: report.replace(/^rollouts\//, ''), text: rolloutId },
  STATUS[status].text,
  { href: `../${cardPath(version)}`, text: `${version}` },
  previousVersion === undefined ? undefined : String(previousVersion),
  kind === 'code' ? 'new code' : 'new version',
  timeOf(startedAtMs),
  timeOf(endedAtMs),
  decidedBy,
  reason === undefined ? undefined : shorten(reason, LONGEST_REASON),
];

/** All rollouts of a model on one page that needs nothing else. */
export const renderRolloutTimeline = (timeline: RolloutTimeline): string => {
  const { model, rollouts, complete } = timeline;
  const sections =
    rollouts.length === 0
      ? [renderSection('Champion and challengers', renderText('Nothing was rolled out yet.'))]
      : [
          renderSection(
            'Champion and challengers',
            `<p><span class="key champion">╌ champion</span> · <span class="passed">● promoted</span> · <span class="refused">● rolled back or failed</span> · <span class="key baseline">● running</span></p>`,
            chartOf(timeline),
          ),
          renderSection(
            'Rollouts',
            renderTable({
              label: 'Rollouts, newest first',
              columns: ['rollout', 'outcome', 'version', 'against', 'of', 'started', 'ended', 'decided by', 'reason'],
              rows: rollouts.map(rowOf),
            }),
            ...(complete ? [] : [renderNote(`The newest ${rollouts.length}; there are more.`)]),
          ),
        ];
  return htmlPage({ title: `Rollouts of ${model}`, sections });
};
