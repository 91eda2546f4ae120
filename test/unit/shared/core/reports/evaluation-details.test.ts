import { describe, expect, it } from 'vitest';
import { measureQuality } from '../../../../../shared/core/evaluation/index.ts';
import { calibrationBins } from '../../../../../shared/core/reports/calibration.ts';
import { dayLosses } from '../../../../../shared/core/reports/day-losses.ts';
import {
  detailEvaluation,
  type EvaluationDetails,
  renderEvaluationReport,
} from '../../../../../shared/core/reports/index.ts';
import { sliceRows } from '../../../../../shared/core/reports/slices.ts';
import { bestThreshold, thresholdCosts } from '../../../../../shared/core/reports/threshold-costs.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const ROWS = 400;
const labels = Float64Array.from({ length: ROWS }, (_, row) => (row % 4 === 0 ? 1 : 0));
const candidate = Float32Array.from(labels, (label, row) => (label === 1 ? 0.6 : 0.2) + (row % 7) / 100);
const champion = Float32Array.from(labels, (label) => (label === 1 ? 0.5 : 0.3));
const eventAtMs = Float64Array.from({ length: ROWS }, (_, row) => Math.floor(row / 100) * DAY_MS);
const columns = new Map<string, Float64Array | readonly string[]>([
  ['x', Float64Array.from({ length: ROWS }, (_, row) => (row % 10 === 0 ? Number.NaN : row))],
  ['kind', Array.from({ length: ROWS }, (_, row) => (row % 50 === 0 ? '<b>rare</b>' : row % 2 === 0 ? 'even' : 'odd'))],
]);
const scored = { labels, predictions: candidate };

describe('calibration', () => {
  it('parts rows by prediction and keeps all of them, with an interval around what came true', () => {
    const bins = calibrationBins('binary-classification', scored);

    expect(bins.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(ROWS);
    expect(bins.reduce((sum, { rowCount, labelMean }) => sum + rowCount * labelMean, 0)).toBeCloseTo(100, 9);
    for (const { lower, labelMean, upper } of bins) {
      expect(lower).toBeLessThan(labelMean + 1e-12);
      expect(upper).toBeGreaterThan(labelMean - 1e-12);
    }
    const means = bins.map(({ predictionMean }) => predictionMean);
    expect(means).toEqual(means.toSorted((a, b) => a - b));
  });
});

describe('thresholds', () => {
  it('cost what counting by hand says, for any labels, probabilities and costs', () => {
    const row = fc.record({ label: fc.constantFrom(0, 1), p: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (rows, miss) => {
        const given = { labels: rows.map(({ label }) => label), predictions: rows.map(({ p }) => p / 100) };
        const found = thresholdCosts(given, { falseAlarm: 2, miss });

        for (const { threshold, cost, alarmShare } of found) {
          const alarms = rows.filter(({ p }) => p / 100 >= threshold);
          const wrong = alarms.filter(({ label }) => label === 0).length;
          const missed = rows.filter(({ label, p }) => label === 1 && p / 100 < threshold).length;
          expect(cost).toBeCloseTo((2 * wrong + miss * missed) / rows.length, 12);
          expect(alarmShare).toBeCloseTo(alarms.length / rows.length, 12);
        }
        expect(bestThreshold(found)?.cost).toBe(Math.min(...found.map(({ cost }) => cost)));
      }),
    );
  });
});

describe('losses by day', () => {
  it('are those of the quality that the gate measures', () => {
    const days = dayLosses('binary-classification', { eventAtMs, labels }, candidate);

    expect(days.map(({ rowCount }) => rowCount)).toEqual([100, 100, 100, 100]);
    const first = { labels: labels.subarray(0, 100), predictions: candidate.subarray(0, 100) };
    expect(days[0]?.loss).toBeCloseTo(measureQuality('binary-classification', first).loss, 9);
    expect(days[0]?.lower).toBeLessThan(days[0]?.loss as number);
    const squared = dayLosses('regression', { eventAtMs, labels }, candidate);
    expect(squared[0]?.loss).toBeCloseTo(measureQuality('regression', first).loss, 9);
  });
});

describe('slices', () => {
  it('are the frequent categories, the quarters of numbers and what is missing, never of a few rows', () => {
    const task = 'binary-classification';
    const slices = sliceRows({ task, labels, candidate, champion, columns }, ['kind', 'x']);

    expect(slices.map(({ feature, value, rowCount }) => `${feature} ${value} ${rowCount}`)).toEqual([
      'kind odd 200',
      'kind even 192',
      'x ≤ 99 90',
      'x 99 to 199 90',
      'x 199 to 299 90',
      'x > 299 90',
      'x missing 40',
    ]);
    expect(slices.every(({ loss, championLoss }) => loss < (championLoss as number))).toBe(true);
  });
});

describe('the report', () => {
  const details = (change: Partial<EvaluationDetails> = {}): EvaluationDetails => ({
    ...detailEvaluation(
      {
        model: 'toy',
        runId: 'run-1',
        task: 'binary-classification',
        passed: true,
        outcome: 'passed & <b>fine</b>',
        findings: [{ rule: 'auc', passed: false, message: 'too <low>' }],
        championVersion: 3,
        quality: { candidate: measureQuality('binary-classification', scored) },
        baseline: { prediction: 0.25, loss: 0.56 },
      },
      { eventAtMs, labels, columns, candidate, champion },
      {
        explanation: {
          method: 'tree-path-dependent',
          rowCount: 100,
          importance: [
            { feature: 'x', meanContribution: 0.4, lossIncrease: 0.1 },
            { feature: 'kind', meanContribution: 0.1, lossIncrease: -0.01 },
          ],
          partialDependence: [{ feature: 'kind', values: ['a"b', 'c'], mean: [0.1, 0.2], rows: [[0.1, 0.3]] }],
        },
        costs: { falseAlarm: 1, miss: 5 },
      },
    ),
    ...change,
  });

  it('is one page without scripts or anything to load, on which data stand as text', () => {
    const page = renderEvaluationReport(details());

    expect(page).toContain('<meta name="viewport"');
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<script|src=|href=|url\(|@import/);
    expect(page).toContain('passed &amp; &lt;b&gt;fine&lt;/b&gt;');
    expect(page).toContain('too &lt;low&gt;');
    expect(page).toContain('a&quot;b');
    expect(page).not.toContain('NaN');
    expect(page).toContain('prefers-color-scheme: dark');
  });

  it.each([
    'Verdict',
    'Quality on the holdout',
    'By day',
    'Calibration',
    'Threshold and cost',
    'Slices',
    'What the candidate leans on',
  ])('shows %s', (title) => {
    expect(renderEvaluationReport(details())).toContain(`<h2>${title}</h2>`);
  });

  it('says by whose costs the threshold is the least costly', () => {
    const { thresholds } = details();

    expect(thresholds).toMatchObject({ stated: true, costs: { falseAlarm: 1, miss: 5 } });
    expect(thresholds?.best[0]?.row.cost).toBe(0);
    expect(renderEvaluationReport(details())).toContain('1 a false alarm, 5 a miss');
  });

  it('says why explanations are missing', () => {
    const explanation = { rowCount: 0, importance: [], partialDependence: [], note: 'they failed' };

    expect(renderEvaluationReport(details({ explanation }))).toContain('<p class="note">they failed</p>');
  });
});
