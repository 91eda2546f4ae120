import { describe, expect, it } from 'vitest';
import { dailyReportLines } from '../../../../infra/commands/daily-report-lines.ts';
import type { DailyReport, TestResult } from '../../../../shared/core/test-suite/index.ts';

const test: TestResult = {
  id: 'label-drift',
  check: 'label-drift',
  status: 'pass',
  severity: 'low',
  retrain: false,
  measured: 0.043291,
  interval: [-0.0031, 0.0835],
  condition: { atLeast: -0.03924, atMost: 0.03924 },
  conditionFrom: 'training',
  reason: '0.0433',
};
const linesOf = (tests: readonly TestResult[]): string =>
  dailyReportLines({
    model: 'toy',
    day: '2001-02-17',
    version: 1,
    tests: {
      passCount: 1,
      failCount: 0,
      skippedCount: 1,
      cleanDays: { referenceDays: 0, statement: 'no days' },
      tests,
    },
    drift: { reason: 'the PSI is 0.4', comparison: { columns: [] } },
    next: [{ what: 'nothing' }],
  } as unknown as DailyReport);

describe('a day in a terminal', () => {
  it('shows the interval by which a value beyond its bound passes, and says how', () => {
    const lines = linesOf([test]);

    expect(lines).toContain('label-drift  low       0.0433 (−0.0031 to 0.0835)  at least −0.0392 and at most 0.0392');
    expect(lines).toContain('fails only where no value of the interval');
  });

  it('says nothing of intervals where none was measured, and what tests and drift are of', () => {
    const { interval: _, ...exact } = test;
    const lines = linesOf([exact, { ...test, id: 'quality', status: 'skipped', reason: 'not measured' }]);

    expect(lines).not.toContain('interval');
    expect(lines).toMatch(/Tests are of the day alone.*\ndrift: the PSI is 0.4/);
    expect(lines).toContain('- quality: not measured');
  });
});
