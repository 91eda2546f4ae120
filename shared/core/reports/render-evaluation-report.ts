import type { Quality } from '../evaluation/index.ts';
import type { PartialDependence } from '../explanation/index.ts';
import { renderBars } from './bars.ts';
import type { CalibrationBin } from './calibration.ts';
import { type Line, renderChart } from './chart.ts';
import { shortNumber } from './chart-scales.ts';
import type { DayLoss } from './day-losses.ts';
import type { EvaluationDetails } from './evaluation-details.ts';
import { type Cell, renderKey, renderNote, renderSection, renderTable } from './html-blocks.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { bestThreshold } from './threshold-costs.ts';

/** Whose colours are whose. */
export const renderEvaluationKey = ({ championVersion }: EvaluationDetails): string =>
  renderKey([
    { of: 'candidate', text: 'candidate' },
    ...(championVersion === undefined
      ? []
      : [{ of: 'champion', text: `champion, version ${championVersion}` } as const]),
    { of: 'baseline', text: "baseline: always the training rows' mean" },
  ]);

const verdict = ({ passed, outcome, findings }: EvaluationDetails): string => {
  const items = findings.map(
    (finding) =>
      `<li class="${finding.passed ? 'passed' : 'refused'}">${finding.passed ? '✓' : '✗'} ${escapeHtml(finding.message)}</li>`,
  );
  const word = passed
    ? '<strong class="passed">Passed its gate</strong>'
    : '<strong class="refused">Refused by its gate</strong>';
  return renderSection('Verdict', `<p>${word}</p>`, `<ul>${items.join('')}</ul>`, renderNote(outcome));
};

const qualityTable = ({ quality, baseline, simplerModel, task }: EvaluationDetails): string => {
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
    ...(simplerModel === undefined ? [] : [[simplerModel.what, quality.candidate.rowCount, simplerModel.loss]]),
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
  return renderSection(
    'Quality on the holdout',
    renderTable({
      label: 'Quality on the holdout',
      columns: ['version', 'rows', lossName, 'AUC', 'Brier', 'label mean', 'prediction mean'],
      rows,
    }),
  );
};

const dayLine = (of: Line['of'], days: readonly DayLoss[]): Line => ({
  of,
  points: days.map(({ loss, lower, upper }, x) => ({ x, y: loss, lower, upper })),
});

const MOST_TICKS = 5;

/** The candidate against the champion day by day, and beside the baseline. */
export const renderLossByDay = (details: EvaluationDetails): string => {
  const { days, comparison, baseline, task } = details;
  const step = Math.max(1, Math.ceil(days.candidate.length / MOST_TICKS));
  const chart = renderChart({
    title: 'Loss by day',
    description: `Loss of the candidate${days.champion === undefined ? '' : ' and the champion'} on each of ${days.candidate.length} days, with 95 % intervals, beside that of the baseline.`,
    xName: 'day of the event, UTC',
    yName: task === 'regression' ? 'RMSE' : 'log loss',
    xTicks: days.candidate.flatMap(({ day }, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : [])),
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
  return [against, chart, renderNote(bands)].join('\n');
};

const calibrationLine = (of: Line['of'], bins: readonly CalibrationBin[]): Line => ({
  of,
  dots: true,
  points: bins.map(({ predictionMean: x, labelMean: y, lower, upper }) => ({ x, y, lower, upper })),
});

const calibrationSection = ({ calibration, task }: EvaluationDetails): string =>
  renderSection(
    'Calibration',
    renderChart({
      title: 'Calibration',
      description: 'Mean label against mean prediction in ten bins of the predictions, with intervals.',
      xName: 'mean prediction',
      yName: task === 'regression' ? 'mean label' : 'share that came true',
      diagonal: true,
      lines: [
        ...(calibration.champion === undefined ? [] : [calibrationLine('champion', calibration.champion)]),
        calibrationLine('candidate', calibration.candidate),
      ],
    }),
    renderNote('Ten bins of equally many rows. On the dashed line predictions come true as often as they say.'),
  );

const thresholdSection = ({ thresholds }: EvaluationDetails): readonly string[] => {
  if (thresholds === undefined) return [];
  const { rows, costs, stated, best } = thresholds;
  const least = bestThreshold(rows);
  const chart = renderChart({
    title: 'Mean cost a row by decision threshold',
    description:
      least === undefined
        ? 'No threshold has a cost.'
        : `Least at the threshold ${least.threshold}, where a row costs ${shortNumber(least.cost)}.`,
    xName: 'threshold',
    yName: 'mean cost a row',
    lines: [{ of: 'candidate', points: rows.map(({ threshold: x, cost: y }) => ({ x, y })) }],
    ...(least === undefined
      ? {}
      : { moments: [{ at: least.threshold, text: `least at ${least.threshold}`, of: 'dashed' } as const] }),
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
    renderSection(
      'Threshold and cost',
      chart,
      renderTable({
        label: 'The least costly threshold by what a miss costs',
        columns: ['false alarm : miss', 'threshold', 'cost', 'alarms', 'precision', 'recall'],
        rows: lines,
      }),
      renderNote(whose),
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
  return renderSection(
    'Slices',
    renderTable({ label: 'Loss by slice', columns, rows }),
    renderNote('Most frequent categories, and quarters of numbers; slices of fewer than 30 rows are left out.'),
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
    title: `Prediction as ${feature} changes`,
    description: `From ${shortNumber(Math.min(...mean))} to ${shortNumber(Math.max(...mean))} on average over ${rows.length} rows.`,
    xName: feature,
    yName: 'prediction',
    lines: [...rows.map((outputs) => lineOf('single', outputs)), lineOf('candidate', mean)],
    ...(texts ? { xTicks: values.map((value, at) => ({ at, text: String(value).slice(0, 6) })) } : {}),
  });
  return `<h3>${escapeHtml(feature)}</h3>\n${chart}`;
};

const explanationSection = ({ explanation }: EvaluationDetails): string => {
  const { method, rowCount, importance, partialDependence } = explanation;
  const contributions = importance.flatMap(({ feature, meanContribution }) =>
    meanContribution === undefined ? [] : [{ name: feature, value: meanContribution, of: 'candidate' } as const],
  );
  const losses = importance.map(
    ({ feature, lossIncrease }) => ({ name: feature, value: lossIncrease, of: 'candidate' }) as const,
  );
  return renderSection(
    'What the candidate leans on',
    ...(explanation.note === undefined ? [] : [renderNote(explanation.note)]),
    ...(contributions.length === 0
      ? []
      : [
          `<h3>Mean size of contributions (${escapeHtml(method ?? '')}, ${rowCount} rows)</h3>`,
          renderBars({
            title: 'Mean size of contributions by feature',
            description: 'The features that move predictions most stand first.',
            groups: [contributions],
          }),
        ]),
    ...(losses.length === 0
      ? []
      : [
          "<h3>Rise of the loss when a feature's values are shuffled</h3>",
          renderBars({
            title: 'Permutation importance by feature',
            description: 'The features without which the candidate loses most stand first.',
            groups: [losses],
          }),
        ]),
    ...partialDependence.map(dependenceChart),
    ...(partialDependence.length === 0
      ? []
      : [
          renderNote(
            'Mean prediction when one feature is set in every row (partial dependence); thin lines are single rows.',
          ),
        ]),
  );
};

/** The report as one page that needs nothing else. Whatever stands in data stands there as text. */
export const renderEvaluationReport = (details: EvaluationDetails): string => {
  const sections = [
    verdict(details),
    qualityTable(details),
    renderSection('By day', renderLossByDay(details)),
    calibrationSection(details),
    ...thresholdSection(details),
    sliceSection(details),
    explanationSection(details),
  ];
  const title = `Evaluation of ${details.model}, run ${details.runId}`;
  return htmlPage({ title, lead: renderEvaluationKey(details), sections });
};
