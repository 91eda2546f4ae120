import { driftReportKey } from '../../contracts/artifacts.ts';
import type { DriftReport } from '../../contracts/drift-report.ts';
import { mlTestScoreKey } from '../../contracts/ml-test-score.ts';
import { performanceReportKey, type StoredPerformanceReport } from '../../contracts/performance-report.ts';
import { type StoredTestSuiteReport, testReportKey } from '../../contracts/test-suite.ts';
import type { MlTestScore } from '../../core/ml-test-score/index.ts';
import type { SummaryFacts } from '../../core/pages/index.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

/** A file that the platform itself wrote; undefined where there is none. */
export const readJson = async <T>(store: Pick<ArtifactStore, 'get'>, key: string): Promise<T | undefined> => {
  try {
    return JSON.parse(new TextDecoder().decode(await store.get(key))) as T;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

/** A step that failed leaves a day without its report: so many days back it is looked for. */
const MOST_DAYS_BACK = 7;

const DAY = /(\d{4}-\d{2}-\d{2})\.json$/;

type Reports = Pick<SummaryFacts, 'driftReports' | 'performance' | 'tests' | 'score'>;

/** The drift reports of the newest days, and the newest of each other kind. */
export const readReports = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  model: string,
  dayCount: number,
): Promise<Reports> => {
  const prefix = driftReportKey(model, '').replace(/\.json$/, '');
  const days = (await data.list(prefix)).flatMap(({ key }) => DAY.exec(key)?.[1] ?? []).slice(-dayCount);
  const newest = async <T>(keyOf: (model: string, day: string) => string): Promise<T | undefined> => {
    for (const day of days.toReversed().slice(0, MOST_DAYS_BACK)) {
      const found = await readJson<T>(data, keyOf(model, day));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const [driftReports, performance, tests, score] = await Promise.all([
    Promise.all(days.map((day) => readJson<DriftReport>(data, driftReportKey(model, day)))),
    newest<StoredPerformanceReport>(performanceReportKey),
    newest<StoredTestSuiteReport>(testReportKey),
    newest<MlTestScore>(mlTestScoreKey),
  ]);
  return { driftReports: driftReports.filter((report) => report !== undefined), performance, tests, score };
};
