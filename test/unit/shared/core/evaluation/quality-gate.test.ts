import { describe, expect, it } from 'vitest';
import { evaluateCandidate } from '../../../../../shared/core/evaluation/index.ts';
import { DAY_MS, HOUR_MS } from '../../../../../shared/kernel/time.ts';

const START_MS = Date.UTC(2001, 1, 1);
/** Four rows a day, one of them positive, for five days. */
const rows = {
  eventAtMs: Array.from({ length: 20 }, (_, i) => START_MS + Math.floor(i / 4) * DAY_MS + (i % 4) * HOUR_MS),
  labels: Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? 1 : 0)),
};
/** Answers `positive` to the positives and `negative` to the rest; `shift` moves the answers of one day. */
const answers = (positive: number, negative: number, shift: readonly number[] = []): readonly number[] =>
  rows.labels.map((label, i) => (label === 1 ? positive : negative) + (shift[Math.floor(i / 4)] ?? 0));
const policy = { margin: 0.005, minGainOverBaseline: 0.1, minAuc: 0.6 };
const gate = { task: 'binary-classification', rows, trainingLabelMean: 0.25, policy } as const;

describe('the quality gate', () => {
  it('passes a candidate that beats the base rate, with its numbers', () => {
    const report = evaluateCandidate({ ...gate, candidate: answers(0.6, 0.2) });

    expect(report.passed).toBe(true);
    // Base rate: −(ln 0.25 + 3 ln 0.75) / 4; candidate: −(ln 0.6 + 3 ln 0.8) / 4.
    expect(report.baseline.loss).toBeCloseTo(0.562335, 6);
    expect(report.candidate.quality.loss).toBeCloseTo(0.295064, 6);
    expect(report.findings.map(({ message }) => message)).toEqual([
      "the candidate's loss 0.2951 must be lower than the base rate's 0.5623 by a share of at least 0.1, got 0.4753",
      "the candidate's area under the ROC curve must be at least 0.6, got 1.000",
    ]);
  });

  it('refuses a candidate that knows no more than the base rate', () => {
    const report = evaluateCandidate({ ...gate, candidate: answers(0.26, 0.25) });

    expect(report.passed).toBe(false);
    expect(report.findings.filter(({ passed }) => !passed).map(({ rule }) => rule)).toEqual(['gain-over-baseline']);
  });

  it('refuses a candidate whose order is wrong, whatever its loss', () => {
    const report = evaluateCandidate({
      ...gate,
      policy: { ...policy, minGainOverBaseline: 0 },
      trainingLabelMean: 0.9,
      candidate: answers(0.2, 0.3),
    });

    expect(report.findings.map(({ rule, passed }) => [rule, passed])).toEqual([
      ['gain-over-baseline', true],
      ['auc', false],
    ]);
  });

  it('refuses a candidate that is worse than the champion by more than the margin, and shows the days', () => {
    const report = evaluateCandidate({ ...gate, candidate: answers(0.5, 0.2), champion: answers(0.6, 0.2) });

    expect(report.passed).toBe(false);
    expect(report.comparison).toMatchObject({ betterDayCount: 0, dayCount: 5, verdict: 'worse' });
    expect(report.comparison?.meanDifference).toBeCloseTo((Math.log(0.6) - Math.log(0.5)) / 4, 9);
    expect(report.champion?.days.map(({ day }) => day)).toEqual([
      '2001-02-01',
      '2001-02-02',
      '2001-02-03',
      '2001-02-04',
      '2001-02-05',
    ]);
    expect(report.findings.at(-1)?.message).toBe(
      "the candidate's mean daily loss may exceed the champion's by at most 0.005, got 0.04558 (95 % interval over days 0.04558 to 0.04558, worse; better on 0 of 5 days)",
    );
  });

  it('passes within the margin, and calls a difference that the days do not agree on not distinguishable', () => {
    const report = evaluateCandidate({
      ...gate,
      candidate: answers(0.6, 0.2, [0.01, -0.01, 0.012, -0.012, 0]),
      champion: answers(0.6, 0.2),
    });

    expect(report.passed).toBe(true);
    expect(report.comparison).toMatchObject({ betterDayCount: 2, verdict: 'not distinguishable' });
  });

  it('judges one day by its point estimate, without an interval', () => {
    const oneDay = { eventAtMs: rows.eventAtMs.slice(0, 4), labels: rows.labels.slice(0, 4) };

    const report = evaluateCandidate({
      ...gate,
      rows: oneDay,
      candidate: answers(0.6, 0.2).slice(0, 4),
      champion: answers(0.5, 0.2).slice(0, 4),
    });

    expect(report.comparison).toEqual({
      betterDayCount: 1,
      dayCount: 1,
      meanDifference: expect.closeTo(-0.04558, 5),
      verdict: 'not distinguishable',
    });
    expect(report.findings.at(-1)?.message).toContain('too few days for an interval');
  });

  it('refuses by AUC a holdout of one class, and says why', () => {
    const labels = rows.labels.map(() => 0);

    const report = evaluateCandidate({ ...gate, rows: { ...rows, labels }, candidate: answers(0.1, 0.1) });

    expect(report.candidate.quality.auc).toBeUndefined();
    expect(report.findings[1]?.message).toContain('got none, as the holdout has one class only');
    expect(report.passed).toBe(false);
  });

  it('measures a regression by its RMSE', () => {
    const labels = rows.labels.map((_, i) => i);

    const report = evaluateCandidate({
      ...gate,
      task: 'regression',
      policy: { margin: 1, minGainOverBaseline: 0.5 },
      rows: { ...rows, labels },
      trainingLabelMean: 9.5,
      candidate: labels.map((label) => label + 2),
      champion: labels.map((label) => label - 1.5),
    });

    expect(report.passed).toBe(true);
    expect(report.candidate.quality).toEqual({ rowCount: 20, loss: 2, labelMean: 9.5, predictionMean: 11.5 });
    expect(report.baseline.loss).toBeCloseTo(Math.sqrt(399 / 12), 9);
    expect(report.comparison?.meanDifference).toBeCloseTo(0.5, 9);
  });

  it('refuses an empty holdout', () => {
    expect(() => evaluateCandidate({ ...gate, rows: { eventAtMs: [], labels: [] }, candidate: [] })).toThrow(
      'at least one row',
    );
  });
});
