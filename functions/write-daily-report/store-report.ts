import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { dailyReportKey, testReportKey } from '../../shared/contracts/test-suite.ts';
import { type DailyReport, renderDailyReport } from '../../shared/core/test-suite/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** Writes the suite's report and the day's, as data and as a page. @returns the page's key */
export const storeReport = async (data: Pick<ArtifactStore, 'put'>, report: DailyReport): Promise<string> => {
  const { model, day, tests } = report;
  const page = new TextEncoder().encode(renderDailyReport(report, 'files'));
  const pageKey = dailyReportKey(model, day, 'html');
  await Promise.all([
    data.put(testReportKey(model, day), toJsonFile(tests), 'application/json'),
    data.put(dailyReportKey(model, day, 'json'), toJsonFile(report), 'application/json'),
    data.put(pageKey, page, 'text/html; charset=utf-8'),
  ]);
  return pageKey;
};
