import type { Quality } from '../evaluation/index.ts';
import type { PartialDependence } from '../explanation/index.ts';
import { escapeHtml } from '../governance/index.ts';
import type { CalibrationBin } from './calibration.ts';
import { type Line, renderBars, renderChart, shortNumber } from './chart.ts';
import type { DayLoss } from './day-losses.ts';
import type { EvaluationDetails } from './evaluation-details.ts';
import { bestThreshold } from './threshold-costs.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1c2126; --page: #ffffff; --line: #d5dade; --muted: #59636e;
  --candidate: #0b6bcb; --champion: #8250df; --baseline: #8c959f; --bad: #c0262d; --good: #1a7f37 }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e9ec; --page: #14181c; --line: #39424a; --muted: #9aa5b0; --candidate: #58a6ff;
    --champion: #bc8cff; --baseline: #8c959f; --bad: #ff7b72; --good: #56d364 }
}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 1rem auto;
  max-width: 46rem; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.4rem } h2 { border-bottom: 1px solid var(--line); font-size: 1.15rem; margin-top: 2rem }
h3 { font-size: 1rem; margin: 1rem 0 .2rem }
p.note { color: var(--muted); font-size: .9rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100% }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left }
svg { display: block; height: auto; max-width: 100%; width: 100% }
svg text { fill: var(--text); font: 12px system-ui, sans-serif }
.line { fill: none; stroke-width: 2 } .bar { stroke-width: 1 } .band { opacity: .18; stroke: none }
.grid { stroke: var(--line); stroke-width: 1 } .dashed { stroke-dasharray: 4 3 }
.line.candidate, .bar.candidate { stroke: var(--candidate) } .dot.candidate, .band.candidate, .fill.candidate { fill: var(--candidate) }
.line.champion, .bar.champion { stroke: var(--champion) } .dot.champion, .band.champion { fill: var(--champion) }
.line.baseline { stroke: var(--baseline); stroke-dasharray: 4 3 } .line.single { opacity: .25; stroke: var(--muted); stroke-width: 1 }
.key.candidate { color: var(--candidate) } .key.champion { color: var(--champion) } .key.baseline { color: var(--baseline) }
.passed { color: var(--good) } .refused { color: var(--bad) }
`;

/** Nothing is loaded and no script runs, whatever stands in a report. */
export const REPORT_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

type Cell = string | number | undefined;

const cellText = (cell: Cell): string =>
  cell === undefined ? '–' : typeof cell === 'number' ? shortNumber(cell) : escapeHtml(cell);

const table = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string => {
  const head = columns.map((name) => `<th>${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cellText(cell)}</td>`).join('')}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
};

const note = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`;

const section = (title: string, ...blocks: readonly string[]): string =>
  `<section>\n<h2>${escapeHtml(title)}</h2>\n${blocks.join('\n')}\n</section>`;

const key = ({ championVersion }: EvaluationDetails): string => {
  const champion =
    championVersion === undefined ? '' : ` · <span class="key champion">■ champion, version ${championVersion}</span>`;
  return `<p><span class="key candidate">■ candidate</span>${champion} · <span class="key baseline">■ baseline: always the training rows' mean</span></p>`;
};

const verdict = ({ passed, outcome, findings }: EvaluationDetails): string => {
  const items = findings.map(
    (finding) =>
      `<li class="${finding.passed ? 'passed' : 'refused'}">${finding.passed ? '✓' : '✗'} ${escapeHtml(finding.message)}</li>`,
  );
  const word = passed
    ? '<strong class="passed">Passed its gate</strong>'
    : '<strong class="refused">Refused by its gate</strong>';
  return section('Verdict', `<p>${word}</p>`, `<ul>${items.join('')}</ul>`, note(outcome));
};

const qualityTable = ({ quality, baseline, task }: EvaluationDetails): string => {
  const lossName = task === 'regression' ? 'RMSE' : 'log loss';
  const row = (name: string, of: Quality | undefined): readonly Cell[] => [
    name,
    of?.rowCount,
    of?.loss,
    of?.auc,
    of?.brier,
    of?.labelMean,
    of?.predictionMean,
  ];
  const rows = [
    row('candidate', quality.candidate),
    ...(quality.champion === undefined ? [] : [row('champion', quality.champion)]),
    [
      'baseline',
      quality.candidate.rowCount,
      baseline.loss,
      undefined,
      undefined,
      quality.candidate.labelMean,
      baseline.prediction,
    ],
  ];
  return section(
    'Quality on the holdout',
    table(['', 'rows', lossName, 'AUC', 'Brier', 'label mean', 'prediction mean'], rows),
  );
};

const dayLine = (of: Line['of'], days: readonly DayLoss[]): Line => ({
  of,
  points: days.map(({ loss, lower, upper }, x) => ({ x, y: loss, lower, upper })),
});

const MOST_TICKS = 6;

const daySection = (details: EvaluationDetails): string => {
  const { days, comparison, baseline, task } = details;
  const step = Math.max(1, Math.ceil(days.candidate.length / MOST_TICKS));
  const chart = renderChart({
    label: 'Loss of candidate and champion by day',
    xName: 'day of the event, UTC',
    yName: task === 'regression' ? 'RMSE' : 'log loss',
    ticks: days.candidate.flatMap(({ day }, x) => (x % step === 0 ? [{ x, text: day.slice(5) }] : [])),
    lines: [
      { of: 'baseline', points: days.candidate.map((_, x) => ({ x, y: baseline.loss })) },
      ...(days.champion === undefined ? [] : [dayLine('champion', days.champion)]),
      dayLine('candidate', days.candidate),
    ],
  });
  const interval = comparison?.interval;
  const against =
    comparison === undefined
      ? ''
      : `<p>Against the champion, day by day on the same rows: mean difference ${shortNumber(comparison.meanDifference)}${interval === undefined ? '' : `, 95 % interval ${shortNumber(interval.lower)} to ${shortNumber(interval.upper)}`} (${escapeHtml(comparison.verdict)}; better on ${comparison.betterDayCount} of ${comparison.dayCount} days).</p>`;
  const bands =
    "Bands are each day's 95 % interval with its rows taken as independent; rows of a day share what that day was like, so days, not rows, are the sample of the comparison.";
  return section('By day', against, chart, note(bands));
};

const calibrationLine = (of: Line['of'], bins: readonly CalibrationBin[]): Line => ({
  of,
  dots: true,
  points: bins.map(({ predictionMean: x, labelMean: y, lower, upper }) => ({ x, y, lower, upper })),
});

const calibrationSection = ({ calibration, task }: EvaluationDetails): string =>
  section(
    'Calibration',
    renderChart({
      label: 'Mean label against mean prediction in ten bins of the predictions',
      xName: 'mean prediction',
      yName: task === 'regression' ? 'mean label' : 'share that came true',
      diagonal: true,
      lines: [
        ...(calibration.champion === undefined ? [] : [calibrationLine('champion', calibration.champion)]),
        calibrationLine('candidate', calibration.candidate),
      ],
    }),
    note('Ten bins of equally many rows. On the dashed line predictions come true as often as they say.'),
  );

const thresholdSection = ({ thresholds }: EvaluationDetails): readonly string[] => {
  if (thresholds === undefined) return [];
  const { rows, costs, stated, best } = thresholds;
  const least = bestThreshold(rows);
  const chart = renderChart({
    label: 'Mean cost a row by decision threshold',
    xName: 'threshold',
    yName: 'mean cost a row',
    lines: [{ of: 'candidate', points: rows.map(({ threshold: x, cost: y }) => ({ x, y })) }],
    ...(least === undefined ? {} : { mark: { x: least.threshold, text: `least at ${least.threshold}` } }),
  });
  const lines = best.map(({ costs: { falseAlarm, miss }, row }) => [
    `${falseAlarm} : ${miss}`,
    row.threshold,
    row.cost,
    row.alarmShare,
    row.precision,
    row.recall,
  ]);
  const whose = stated
    ? `The definition says what wrong decisions cost: ${costs.falseAlarm} a false alarm, ${costs.miss} a miss.`
    : 'The definition says nothing of costs: the chart counts a false alarm and a miss alike.';
  return [
    section(
      'Threshold and cost',
      chart,
      table(['false alarm : miss', 'threshold', 'cost', 'alarms', 'precision', 'recall'], lines),
      note(whose),
    ),
  ];
};

const sliceSection = ({ slices, championVersion, task }: EvaluationDetails): string => {
  const lossName = task === 'regression' ? 'RMSE' : 'log loss';
  const compared = championVersion !== undefined;
  const columns = [
    'slice',
    'rows',
    lossName,
    ...(compared ? ['champion', 'difference'] : []),
    'label mean',
    'prediction mean',
  ];
  const rows = slices.map(({ feature, value, rowCount, loss, championLoss, labelMean, predictionMean }) => [
    `${feature}: ${value}`,
    rowCount,
    loss,
    ...(compared ? [championLoss, championLoss === undefined ? undefined : loss - championLoss] : []),
    labelMean,
    predictionMean,
  ]);
  return section(
    'Slices',
    table(columns, rows),
    note('Most frequent categories, and quarters of numbers; slices of fewer than 30 rows are left out.'),
  );
};

const dependenceChart = ({ feature, values, mean, rows }: PartialDependence): string => {
  const xOf = (at: number): number => {
    const value = values[at];
    return typeof value === 'number' ? value : at;
  };
  const lineOf = (of: Line['of'], outputs: readonly number[]): Line => ({
    of,
    points: outputs.map((y, at) => ({ x: xOf(at), y })),
  });
  const texts = values.every((value) => typeof value === 'string');
  const chart = renderChart({
    label: `Prediction as ${feature} changes`,
    xName: feature,
    yName: 'prediction',
    lines: [...rows.map((outputs) => lineOf('single', outputs)), lineOf('candidate', mean)],
    ...(texts ? { ticks: values.map((value, x) => ({ x, text: String(value).slice(0, 6) })) } : {}),
  });
  return `<h3>${escapeHtml(feature)}</h3>\n${chart}`;
};

const explanationSection = ({ explanation }: EvaluationDetails): string => {
  const { method, rowCount, importance, partialDependence } = explanation;
  const contributions = importance.flatMap(({ feature, meanContribution }) =>
    meanContribution === undefined ? [] : [{ name: feature, value: meanContribution }],
  );
  const losses = importance.map(({ feature, lossIncrease }) => ({ name: feature, value: lossIncrease }));
  return section(
    'What the candidate leans on',
    ...(explanation.note === undefined ? [] : [note(explanation.note)]),
    ...(contributions.length === 0
      ? []
      : [
          `<h3>Mean size of contributions (${escapeHtml(method ?? '')}, ${rowCount} rows)</h3>`,
          renderBars('Mean size of contributions by feature', contributions),
        ]),
    ...(losses.length === 0
      ? []
      : [
          "<h3>Rise of the loss when a feature's values are shuffled</h3>",
          renderBars('Permutation importance by feature', losses),
        ]),
    ...partialDependence.map(dependenceChart),
    ...(partialDependence.length === 0
      ? []
      : [
          note(
            'Mean prediction when one feature is set in every row (partial dependence); thin lines are single rows.',
          ),
        ]),
  );
};

/** The report as one page that needs nothing else. Whatever stands in data stands there as text. */
export const renderEvaluationReport = (details: EvaluationDetails): string => {
  const title = escapeHtml(`Evaluation of ${details.model}, run ${details.runId}`);
  const sections = [
    verdict(details),
    qualityTable(details),
    daySection(details),
    calibrationSection(details),
    ...thresholdSection(details),
    sliceSection(details),
    explanationSection(details),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${REPORT_CONTENT_POLICY}">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${key(details)}
${sections.join('\n')}
</body>
</html>
`;
};
