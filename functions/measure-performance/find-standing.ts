import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { PerformanceReportSchema, performanceReportPrefix } from '../../shared/contracts/performance-report.ts';
import type { PerformanceReport } from '../../shared/core/performance/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

interface Standing {
  /** The newest report of an earlier day. */
  readonly previous: PerformanceReport | undefined;
  /** Start of the first day of arrival that has not been read for good; all of them, where nothing was reported. */
  readonly readThroughMs: number;
}

const DAY_OF_KEY = /(\d{4}-\d{2}-\d{2})\.json$/;

/**
 * What earlier checks left. A report says that all was taken which had arrived by the check of its day; Firehose may retry
 * for a day, so the day before is read again.
 */
export const findStanding = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  model: string,
  reportKey: string,
): Promise<Standing> => {
  const keys = (await data.list(performanceReportPrefix(model))).map(({ key }) => key);
  const before = keys.findLast((key) => key < reportKey);
  const day = keys.findLast((key) => key <= reportKey)?.match(DAY_OF_KEY)?.[1];
  return {
    previous: before === undefined ? undefined : parseJsonFile(PerformanceReportSchema, await data.get(before), before),
    readThroughMs: day === undefined ? 0 : Date.parse(day) - DAY_MS,
  };
};
