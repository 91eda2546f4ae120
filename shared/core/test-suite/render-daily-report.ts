import { endedWithoutVersion } from '../registry/index.ts';
import {
  type Cell,
  escapeHtml,
  htmlPage,
  kpiDays,
  type PagePlace,
  renderBars,
  renderChart,
  renderFacts,
  renderKpiDays,
  renderList,
  renderNote,
  renderSection,
  renderTable,
  renderText,
  renderVersionDrift,
  rolloutReportPath,
  shortNumber,
  timeOf,
} from '../reports/index.ts';
import type { DailyReport } from './daily-report.ts';
import type { MeasuredValue } from './suite-facts.ts';
import { DAY_NOTE, INTERVAL_NOTE, tellTest } from './tell-test.ts';
import type { TestResult } from './test-report.ts';

const STATUS = {
  fail: { mark: '✗', text: 'Tests failed', of: 'refused' },
  pass: { mark: '✓', text: 'All tests passed', of: 'passed' },
  'nothing tested': { mark: '–', text: 'Nothing could be tested', of: '' },
} as const;

const withInterval = ({ value, lower, upper }: MeasuredValue): string =>
  lower === undefined || upper === undefined
    ? shortNumber(value)
    : `${shortNumber(value)} (${shortNumber(lower)} to ${shortNumber(upper)})`;

const summarySection = ({ tests, day, version, checkedAtMs, schedule }: DailyReport): string => {
  const { mark, text, of } = STATUS[tests.status];
  return renderSection(
    'Summary',
    `<p><strong class="${of}">${mark} ${text}</strong></p>`,
    renderFacts([
      ['day', `${day}, UTC`],
      ['version in service', version === undefined ? 'none' : String(version)],
      ['tests', `${tests.failCount} failed, ${tests.passCount} passed, ${tests.skippedCount} skipped`],
      ['checked', timeOf(checkedAtMs)],
      ['checked by schedule', schedule],
    ]),
    renderNote(tests.cleanDays.statement),
  );
};

const nextSection = ({ next }: DailyReport): string =>
  renderSection(
    'What to do next',
    `<ul>${next.map(({ what, command }) => `<li>${escapeHtml(what)}${command === undefined ? '' : `<br><code>${escapeHtml(command)}</code>`}</li>`).join('')}</ul>`,
  );

const MARKS = { fail: '✗ failed', pass: '✓ passed', skipped: '– skipped' } as const;
const SOURCES = {
  declared: 'declared',
  reference: 'from the reference',
  training: 'from training',
  default: 'default',
} as const;

const testRow = (test: TestResult): readonly Cell[] => {
  const { id, status, severity, conditionFrom } = test;
  const { measured, condition } = tellTest(test);
  return [id, MARKS[status], severity, measured, condition, conditionFrom === undefined ? '' : SOURCES[conditionFrom]];
};

const COLUMNS = ['test', 'result', 'severity', 'measured', 'must be', 'condition'];

const tellFailed = ({ id, severity, reason, failingSince, detail = [], basis }: TestResult): string =>
  [
    `${id} (${severity}): ${reason}`,
    ...(failingSince === undefined ? [] : [`since ${failingSince}`]),
    ...detail,
    ...(basis === undefined ? [] : [basis]),
  ].join('; ');

const tellBasis = ({ id, detail = [], basis = '' }: TestResult): string => {
  const told = [...detail, ...(basis === '' ? [] : [basis])].join('; ');
  return told === '' ? '' : `${id}: ${told}`;
};

const folded = (summary: string, texts: readonly string[]): readonly string[] =>
  texts.length === 0 ? [] : [`<details><summary>${escapeHtml(summary)}</summary>\n${renderList(texts)}\n</details>`];

/** What failed as sentences, which a phone can show; the others as numbers, and why behind a click. */
const testsSection = ({ tests: { tests }, drift }: DailyReport): string => {
  const of = (status: TestResult['status']) => tests.filter((test) => test.status === status);
  const judged = tests.filter(({ status }) => status !== 'skipped');
  const skipped = of('skipped');
  return renderSection(
    'Tests',
    renderList(of('fail').map(tellFailed)),
    judged.length === 0
      ? renderText('No test could be judged.')
      : renderTable({ label: 'Tests', columns: COLUMNS, rows: judged.map(testRow) }),
    ...(judged.some(({ interval }) => interval !== undefined) ? [renderNote(INTERVAL_NOTE)] : []),
    ...(drift === undefined ? [] : [renderNote(DAY_NOTE)]),
    ...folded(
      'Where the conditions come from',
      of('pass').flatMap((test) => tellBasis(test) || []),
    ),
    ...folded(
      `${skipped.length} ${skipped.length === 1 ? 'test was' : 'tests were'} skipped`,
      skipped.map(({ id, reason }) => `${id}: ${reason}`),
    ),
  );
};

const MOST_TICKS = 5;

const dayTicks = (days: readonly string[]) => {
  const step = Math.ceil(days.length / MOST_TICKS);
  return days.flatMap((day, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : []));
};

const evidenceChart = ({ history }: DailyReport): readonly string[] => {
  const known = history.flatMap(({ day, evidence }) => (evidence === undefined ? [] : [{ day, evidence }]));
  if (known.length < 2) return [];
  return [
    renderChart({
      title: 'Evidence of drift by day',
      description: `Evidence divided by its limit on ${known.length} days; the last is ${shortNumber(known.at(-1)?.evidence ?? 0)}.`,
      xName: 'day, UTC',
      yName: 'evidence ÷ limit; an alarm from 1 on',
      xTicks: dayTicks(known.map(({ day }) => day)),
      levels: [{ at: 1, text: 'limit', of: 'dashed' }],
      lines: [{ of: 'candidate', dots: known.length < 30, points: known.map(({ evidence: y }, x) => ({ x, y })) }],
    }),
  ];
};

const MOST_FEATURES = 8;

const driftSection = (report: DailyReport): string => {
  const { drift } = report;
  if (drift === undefined) {
    return renderSection(
      'Drift',
      renderText('The day was not compared with the reference: there is no drift report of it.'),
    );
  }
  const { decision, comparison, volume, freshness } = drift;
  const features = comparison.columns
    .flatMap(({ name, psi }) => (psi === undefined ? [] : [{ name, value: psi }]))
    .toSorted((a, b) => b.value - a.value)
    .slice(0, MOST_FEATURES);
  const contributions = decision?.columns ?? [];
  return renderSection(
    'Drift',
    renderText(drift.reason),
    renderFacts([
      ['judged by', decision?.statement],
      ['episode', decision?.episode === undefined ? undefined : `since ${decision.episode.since}`],
      [
        'features by contribution',
        contributions.map(({ name, share }) => `${name} ${shortNumber(100 * share)} %`).join(', '),
      ],
      [
        'slices by contribution',
        (decision?.slices ?? []).map(({ name, share }) => `${name} ${shortNumber(100 * share)} %`).join(', '),
      ],
      ['volume', volume?.reason],
      ['freshness', freshness?.status],
    ]),
    renderList(freshness?.reasons ?? []),
    ...evidenceChart(report),
    ...(features.length === 0
      ? []
      : [
          '<h3>PSI by feature, over the window</h3>',
          renderBars({
            title: 'PSI by feature',
            description: `The ${features.length} features that differ most from the reference.`,
            groups: [features.map((bar) => ({ ...bar, of: 'candidate' as const }))],
          }),
        ]),
    ...renderVersionDrift(drift.profiles?.versions),
  );
};

const lossOf = (task: DailyReport['task']): string => (task === 'regression' ? 'rmse' : 'logLoss');

const qualityChart = ({ performance, task }: DailyReport): readonly string[] => {
  const metric = lossOf(task);
  const days = performance?.days ?? [];
  const point = (found: MeasuredValue | undefined, x: number) =>
    found === undefined
      ? []
      : [
          {
            x,
            y: found.value,
            ...(found.lower === undefined ? {} : { lower: found.lower }),
            ...(found.upper === undefined ? {} : { upper: found.upper }),
          },
        ];
  const measured = days.flatMap((day, x) => point(day.measured[metric], x));
  const estimated = days.flatMap((day, x) => point(day.estimated?.metrics[metric], x));
  if (measured.length + estimated.length === 0) return [];
  const limit = performance?.limits.find((one) => one.metric === metric && one.slice === 'all')?.limit;
  return [
    renderChart({
      title: `${metric} by day, measured and estimated`,
      description: `Measured on ${measured.length} days, estimated before labels on ${estimated.length}.`,
      xName: 'day of the predictions, UTC',
      yName: metric,
      xTicks: dayTicks(days.map(({ day }) => day)),
      levels: limit === undefined ? [] : [{ at: limit, text: 'limit', of: 'dashed' }],
      lines: [
        { of: 'champion', points: estimated },
        { of: 'candidate', dots: true, points: measured },
      ],
    }),
    renderNote('Dots are measured, with intervals of 95 %; the dashed line was estimated before the labels came.'),
  ];
};

const qualitySection = (report: DailyReport): string => {
  const { performance } = report;
  if (performance === undefined)
    return renderSection('Quality', renderText('There is no performance report of the day.'));
  const { reason, window, quality, concept } = performance;
  const metrics = [...new Set(quality.flatMap((row) => Object.keys(row.metrics)))];
  return renderSection(
    'Quality',
    renderText(reason),
    renderFacts([
      [
        'newest days with enough labels',
        window === undefined ? 'none yet' : `${window.fromDay} to ${window.throughDay}, ${window.labelledCount} labels`,
      ],
      [
        'loss above what the inputs lead to expect',
        concept &&
          `${withInterval(concept.gap)} on ${concept.dayCount} days: ${concept.drifted ? 'the labels part from the inputs' : 'the labels go with the inputs'}`,
      ],
    ]),
    ...qualityChart(report),
    ...(quality.length === 0
      ? []
      : [
          renderTable({
            label: 'Quality by slice',
            columns: ['slice', 'version', 'rows', ...metrics],
            rows: quality.map((row) => [
              row.slice === 'all' ? 'whole' : row.slice,
              row.version === undefined ? 'all' : String(row.version),
              row.rowCount.toLocaleString('en'),
              ...metrics.map((metric) => {
                const found = row.metrics[metric];
                return found === undefined ? '' : withInterval(found);
              }),
            ]),
          }),
        ]),
  );
};

/** None of a model whose labels come without them. */
const kpiSections = ({ performance }: DailyReport): readonly string[] => {
  const kpis = kpiDays(performance?.days ?? []);
  return kpis.length === 0 ? [] : [renderSection('Business figures', renderKpiDays(kpis))];
};

const weekChart = ({ versionWeeks, task }: DailyReport): readonly string[] => {
  const weeks = [...new Set(versionWeeks.map(({ week }) => week))];
  if (weeks.length < 2) return [];
  const versions = [...new Set(versionWeeks.map(({ version }) => version))].sort((a, b) => b - a);
  const styles = ['candidate', 'champion', 'baseline'] as const;
  return [
    renderChart({
      title: `Loss of each version's own answers by week`,
      description: `${versions.length} versions over ${weeks.length} weeks.`,
      xName: 'week, from its Monday',
      yName: lossOf(task),
      xTicks: dayTicks(weeks),
      lines: versions.slice(0, styles.length).map((version, at) => ({
        of: styles[at] ?? 'baseline',
        dots: true,
        points: versionWeeks
          .filter((one) => one.version === version)
          .map(({ week, loss: y }) => ({ x: weeks.indexOf(week), y })),
      })),
    }),
    renderTable({
      label: 'Loss by week and version',
      columns: ['week', 'version', 'answers with labels', 'loss'],
      rows: versionWeeks.map(({ week, version, rowCount, loss }) => [
        week,
        String(version),
        rowCount.toLocaleString('en'),
        loss,
      ]),
    }),
  ];
};

const shadowBlocks = ({ shadow }: DailyReport): readonly string[] => {
  if (shadow === undefined || shadow.days.length === 0) return [];
  const { days, challenger, champion } = shadow;
  const better = days.filter(({ meanDifference }) => meanDifference < 0).length;
  return [
    `<h3>Version ${challenger} beside version ${champion} on the same inputs</h3>`,
    renderText(`Version ${challenger} lost less on ${better} of ${days.length} days.`),
    renderChart({
      title: 'Difference of losses by day',
      description: `Below 0 version ${challenger} is better: on ${better} of ${days.length} days.`,
      xName: 'day of the predictions, UTC',
      yName: 'difference of losses',
      xTicks: dayTicks(days.map(({ day }) => day)),
      levels: [{ at: 0, of: 'zero' }],
      lines: [{ of: 'candidate', dots: true, points: days.map(({ meanDifference: y }, x) => ({ x, y })) }],
    }),
  ];
};

/** In sentences: as cells of a table they would be a column of single words on a phone. */
const outcomesOf = ({ rollouts, runs }: DailyReport): readonly string[] => [
  ...rollouts.flatMap(({ startedAtMs, version, reason }) =>
    reason === undefined ? [] : [`${timeOf(startedAtMs)}, rollout of version ${version}: ${reason}`],
  ),
  ...runs.flatMap(({ startedAtMs, outcome }) =>
    outcome === undefined ? [] : [`${timeOf(startedAtMs)}, training run: ${outcome}`],
  ),
];

const versionsSection = (report: DailyReport, place: PagePlace): string => {
  const { rollouts, runs } = report;
  return renderSection(
    'Champion and challengers',
    ...weekChart(report),
    ...shadowBlocks(report),
    rollouts.length === 0
      ? renderText('No version was rolled out yet.')
      : renderTable({
          label: 'Rollouts',
          columns: ['started', 'version', 'against', 'outcome', place === 'api' ? 'report' : 'rollout'],
          rows: rollouts.map(({ startedAtMs, version, previousVersion, status, rolloutId }) => [
            timeOf(startedAtMs),
            String(version),
            previousVersion === undefined ? 'nothing' : String(previousVersion),
            status.toLowerCase().replace('_', ' '),
            place === 'api' ? { href: `../${rolloutReportPath(rolloutId)}`, text: 'report' } : rolloutId,
          ]),
        }),
    ...(runs.length === 0
      ? []
      : [
          renderTable({
            label: 'Training runs',
            columns: ['started', 'cause', 'status', 'version'],
            rows: runs.map(({ startedAtMs, cause, status, version }) => [
              timeOf(startedAtMs),
              cause,
              endedWithoutVersion({ status, version }) ? 'finished, no version' : status.toLowerCase(),
              version === undefined ? '' : String(version),
            ]),
          }),
        ]),
    ...folded('What came of each rollout and run, and why', outcomesOf(report)),
  );
};

/** The day as one page that needs nothing else. Whatever stands in records stands there as text. */
export const renderDailyReport = (report: DailyReport, place: PagePlace): string =>
  htmlPage({
    title: `${report.model} on ${report.day}`,
    links: place === 'api' ? [{ href: '../rollouts/report', text: `All rollouts of ${report.model}` }] : [],
    sections: [
      summarySection(report),
      nextSection(report),
      testsSection(report),
      driftSection(report),
      qualitySection(report),
      ...kpiSections(report),
      versionsSection(report, place),
    ],
    // Tables of many columns: quality has one a metric.
    style: 'body { max-width: 72rem }',
  });
