import { expect, it } from 'vitest';
import { suiteFactsOf } from '../../../../functions/write-daily-report/suite-facts.ts';
import { parseJsonFile, toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { PerformanceReportSchema } from '../../../../shared/contracts/performance-report.ts';
import { drawnPerformance } from '../../../browser/drawn-performance.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const NOTHING = { drift: undefined, skew: undefined, before: undefined, lastDaily: undefined };

it('takes labels and requests of the day from the performance report', () => {
  const window = {
    fromDay: '2026-11-01',
    throughDay: '2026-11-14',
    rowCount: 900,
    labelledCount: 800,
    completeness: 0.95,
  };
  const served = { requestCount: 500, latencyMsP99: 7 };
  const report = parseJsonFile(PerformanceReportSchema, toJsonFile(drawnPerformance()), 'report');

  const facts = suiteFactsOf(benchDefinition({}), {
    ...NOTHING,
    performance: { ...report, window: { ...window, labelMean: 0.25 }, served },
  });
  const before = suiteFactsOf(benchDefinition({}), { ...NOTHING, performance: { ...report, window } });

  expect(facts).toMatchObject({ labels: { mean: 0.25, rowCount: 800 }, service: served });
  expect(before.labels).toBeUndefined();
  expect(before.service).toBeUndefined();
});
