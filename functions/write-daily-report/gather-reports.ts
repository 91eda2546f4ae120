import { readJson } from '../../shared/adapters/pages/read-reports.ts';
import { driftReportKey, skewReportKey } from '../../shared/contracts/artifacts.ts';
import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import { performanceReportKey, type StoredPerformanceReport } from '../../shared/contracts/performance-report.ts';
import { dailyReportKey, testReportKey } from '../../shared/contracts/test-suite.ts';
import type { DailyReport, TestSuiteReport } from '../../shared/core/test-suite/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

type Data = Pick<ArtifactStore, 'get'>;

/** Of a version of before, as far as it is read. */
type AnyDriftReport = Omit<DriftReport, 'volume' | 'freshness' | 'decision'> &
  Partial<Pick<DriftReport, 'volume' | 'freshness' | 'decision'>>;

interface SkewReport {
  readonly served: readonly {
    readonly name: string;
    readonly comparedCount: number;
    readonly differingShare: number;
  }[];
}

/** What the day's earlier checks left, and the last suite before. */
export interface DayReports {
  readonly drift: AnyDriftReport | undefined;
  readonly performance: StoredPerformanceReport | undefined;
  readonly skew: SkewReport | undefined;
  readonly before: TestSuiteReport | undefined;
  readonly lastDaily: DailyReport | undefined;
}

/** A check that failed leaves a day without its report. */
const MOST_DAYS_BACK = 3;

const readLast = async <T>(data: Data, day: string, keyOf: (day: string) => string): Promise<T | undefined> => {
  for (let back = 1; back <= MOST_DAYS_BACK; back += 1) {
    const earlier = utcDay(Date.parse(`${day}T00:00:00Z`) - back * DAY_MS);
    const found = await readJson<T>(data, keyOf(earlier));
    if (found !== undefined) return found;
  }
  return undefined;
};

export const gatherReports = async (data: Data, model: string, day: string): Promise<DayReports> => {
  const [drift, performance, skew, before, lastDaily] = await Promise.all([
    readJson<AnyDriftReport>(data, driftReportKey(model, day)),
    readJson<StoredPerformanceReport>(data, performanceReportKey(model, day)),
    readJson<SkewReport>(data, skewReportKey(model, day)),
    readLast<TestSuiteReport>(data, day, (earlier) => testReportKey(model, earlier)),
    readLast<DailyReport>(data, day, (earlier) => dailyReportKey(model, earlier, 'json')),
  ]);
  return { drift, performance, skew, before, lastDaily };
};
