import { shortNumber } from './chart-scales.ts';
import { tellDifference } from './evidence-chart.ts';
import { renderFacts, renderList, renderSection, renderTable, renderText } from './html-blocks.ts';
import { htmlPage } from './html-page.ts';
import { renderReplay, renderShadow } from './render-paired-evidence.ts';
import { evidenceSection, timeRangeOf, trafficSection } from './render-rollout-evidence.ts';
import { cardPath } from './report-paths.ts';
import type { RolloutReport } from './rollout-report.ts';
import { hoursText, timeOf } from './tell-time.ts';

const OUTCOMES = {
  RUNNING: { mark: '…', text: 'Running', of: '' },
  PROMOTED: { mark: '✓', text: 'Promoted', of: 'passed' },
  ROLLED_BACK: { mark: '✗', text: 'Rolled back', of: 'refused' },
  FAILED: { mark: '✗', text: 'Failed', of: 'refused' },
} as const;

const outcomeSection = (report: RolloutReport): string => {
  const { status, kind, version, previousVersion, startedAtMs, endedAtMs, reason, lastLook, came } = report;
  const { mark, text, of } = OUTCOMES[status];
  const why = reason ?? (lastLook === undefined ? '' : `At the newest look: ${lastLook.reason}`);
  return renderSection(
    'Outcome',
    `<p><strong class="${of}">${mark} ${text}</strong></p>`,
    why === '' ? '' : renderText(why),
    renderFacts([
      ['tried', kind === 'code' ? `new code, with version ${version}` : `version ${version}`],
      ['against', previousVersion === undefined ? 'nothing: no version was in service' : `version ${previousVersion}`],
      ['started', timeOf(startedAtMs)],
      ['ended', timeOf(endedAtMs)],
      ['time', hoursText(came.hours)],
    ]),
  );
};

const BY = {
  judge: 'the judge',
  schedule: 'the schedule',
  deadline: 'the deadline',
  person: 'a person',
  platform: 'the platform',
} as const;

const decisionsSection = ({ decisions }: RolloutReport): string =>
  renderSection(
    'Decisions',
    decisions.length === 0
      ? renderText('Nothing is decided yet.')
      : renderTable({
          label: 'Decisions',
          columns: ['when', 'decided by', 'what', 'why'],
          rows: decisions.map(({ atMs, by, who, action, reason }) => [timeOf(atMs), who ?? BY[by], action, reason]),
        }),
  );

const forecastSection = ({ forecast, came, plan }: RolloutReport): readonly string[] => {
  if (forecast === undefined || plan === undefined) return [];
  const { text, unitsNeeded, hours, metrics } = forecast;
  const kindOf = (name: string) => plan.metrics.find((metric) => metric.name === name)?.kind ?? 'mean';
  return [
    renderSection(
      'Forecast and what came',
      renderText(`Foretold at the start: ${text}.`),
      renderTable({
        label: 'Forecast and what came',
        columns: ['what', 'foretold', 'came'],
        rows: [
          ['canary units', unitsNeeded === undefined ? 'never enough' : Math.ceil(unitsNeeded), came.canaryUnits],
          ['time', hours === undefined ? 'never' : hoursText(hours), hoursText(came.hours)],
        ],
      }),
      renderTable({
        label: 'Forecast by metric',
        columns: [
          'metric',
          'units until not worse',
          'a harm of',
          'is found after units',
          'smallest harm by the deadline',
        ],
        rows: metrics.map(({ metric, harm, unitsToClear, unitsToAbort, detectable }) => [
          metric,
          unitsToClear === undefined ? 'never' : Math.ceil(unitsToClear),
          tellDifference(kindOf(metric), harm),
          unitsToAbort === undefined ? 'never' : Math.ceil(unitsToAbort),
          detectable === undefined ? 'none' : tellDifference(kindOf(metric), detectable),
        ]),
      }),
    ),
  ];
};

const planSection = ({ plan, slowAboveMs }: RolloutReport): readonly string[] => {
  if (plan === undefined) return [];
  const { alphaAbort, alphaPromote, deadlineMs, atDeadline, fewestUnits, metrics, slices } = plan;
  return [
    renderSection(
      'How it was judged',
      renderFacts([
        ['chance to abort a canary that is not worse', `at most ${shortNumber(100 * alphaAbort)} %`],
        ['chance to promote one that is worse by a margin', `at most ${shortNumber(100 * alphaPromote)} %`],
        ['deadline', timeOf(deadlineMs)],
        ['undecided at the deadline', atDeadline],
        ['fewest canary units', String(fewestUnits)],
        ['slow', slowAboveMs === undefined ? undefined : `above ${shortNumber(slowAboveMs)} ms`],
        ['slices', slices.map(({ name }) => name).join(', ')],
      ]),
      renderTable({
        label: 'Metrics that were judged',
        columns: ['metric', 'harm', 'margin', 'smallest harm', 'share of the error'],
        rows: metrics.map(({ name, kind, harm, margin, smallestHarm, weight }) => [
          name,
          harm === 'increase' ? 'an increase' : 'any change',
          tellDifference(kind, margin),
          smallestHarm === undefined ? 'not declared' : tellDifference(kind, smallestHarm),
          weight,
        ]),
      }),
    ),
  ];
};

const approvalSection = ({ approval, version }: RolloutReport): string => {
  if (approval === undefined) {
    return renderSection('Approval', renderText(`Nobody's decision on version ${version} is on record.`));
  }
  const { by, atMs, reason, approvals, rules } = approval;
  return renderSection(
    'Approval',
    renderFacts([
      ['approved by', by],
      ['when', timeOf(atMs)],
      ['why', reason],
    ]),
    renderList(
      approvals.map(
        ({ principal, atMs: when, reason: why }) =>
          `${principal}, ${timeOf(when)}${why === undefined ? '' : `: ${why}`}`,
      ),
    ),
    renderList(rules.map(({ rule, passed, detail }) => `${rule} ${passed ? 'passed' : 'failed'}: ${detail}`)),
  );
};

/** The report as one page that needs nothing else. Whatever stands in records stands there as text. */
export const renderRolloutReport = (report: RolloutReport): string => {
  const { model, rolloutId, version, previousVersion } = report;
  const timeRange = timeRangeOf(report);
  const earlier =
    previousVersion === undefined || previousVersion === version
      ? []
      : [{ href: `../../${cardPath(previousVersion)}`, text: `Card of version ${previousVersion}` }];
  return htmlPage({
    title: `Rollout ${rolloutId} of ${model}`,
    links: [
      { href: `../../${cardPath(version)}`, text: `Card of version ${version}` },
      ...earlier,
      { href: '../report', text: `All rollouts of ${model}` },
    ],
    sections: [
      outcomeSection(report),
      trafficSection(report, timeRange),
      evidenceSection(report, timeRange),
      decisionsSection(report),
      ...forecastSection(report),
      ...renderReplay(report),
      ...renderShadow(report),
      approvalSection(report),
      ...planSection(report),
    ],
  });
};
