import {
  PerformanceReportSchema,
  performanceReportKey,
  type StoredPerformanceReport,
} from '../../shared/contracts/performance-report.ts';
import type { RecordedRelease } from '../../shared/core/ml-test-score/index.ts';
import { isPackaged, type ModelVersion, type Rollout } from '../../shared/core/registry/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { madeAtMs, reportedDays } from './read-daily-reports.ts';
import { type Bucket, readRecord } from './read-record.ts';

/** Versions whose losses are compared. */
const MOST_RELEASES = 12;
/** Days after a version's first window by which its labels are in, or are not waited for. */
const LATEST_DAYS = 14;

/** What the gate measures of a candidate. */
const HOLDOUT_LOSS = 'holdoutLoss';

interface Asked {
  readonly model: string;
  readonly day: string;
  readonly windowDays: number;
  readonly versions: readonly ModelVersion[];
  readonly rollouts: readonly Rollout[];
}

/** The first whole days that a version served. */
interface FirstWindow {
  readonly version: number;
  /** Inclusive. */
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
  readonly dayCount: number;
}

/** Of the version's own answers, over the days whose labels are in; undefined while those are less than half. */
const lossOf = (
  { task, days }: StoredPerformanceReport,
  { version, from, to, dayCount }: FirstWindow,
): number | undefined => {
  const own = days
    .filter(({ day, mature }) => mature && day >= from && day < to)
    .flatMap(({ versions }) => versions.filter((one) => one.version === version))
    .flatMap(({ rowCount, loss }) => (loss === undefined ? [] : [{ rowCount, loss }]));
  if (own.length < dayCount / 2) return undefined;
  // A regression's loss is a root of means.
  const power = task === 'regression' ? 2 : 1;
  const rowCount = own.reduce((sum, day) => sum + day.rowCount, 0);
  return (own.reduce((sum, day) => sum + day.rowCount * day.loss ** power, 0) / rowCount) ** (1 / power);
};

/** The last report of those that know the window's labels and still tell of its days. */
const reportDayOf = ({ to }: FirstWindow, days: readonly string[]): string | undefined => {
  const latest = utcDay(Date.parse(to) + LATEST_DAYS * DAY_MS);
  return days.findLast((day) => day >= to && day <= latest);
};

/**
 * For each version that was promoted its loss on the holdout, and in service over its first whole days; newest first. Of
 * versions that served for less than a window there is none.
 */
export const readReleases = async (data: Bucket, asked: Asked): Promise<readonly RecordedRelease[]> => {
  const { model, day, windowDays, versions, rollouts } = asked;
  const packaged = versions.filter(isPackaged);
  const promoted = rollouts.filter(({ status, kind }) => status === 'PROMOTED' && kind === 'model');
  const days = await reportedDays(data, performanceReportKey, { model, day });
  const found = await Promise.all(
    promoted.slice(0, MOST_RELEASES).map(async ({ version, endedAtMs = 0 }, i) => {
      const offlineLoss = packaged.find((one) => one.version === version)?.metrics[HOLDOUT_LOSS];
      const fromMs = Math.ceil(endedAtMs / DAY_MS) * DAY_MS;
      const toMs = fromMs + windowDays * DAY_MS;
      const window = { version, from: utcDay(fromMs), to: utcDay(toMs), dayCount: windowDays };
      const endMs = promoted[i - 1]?.startedAtMs ?? Number.MAX_SAFE_INTEGER;
      const reported = reportDayOf(window, days);
      if (offlineLoss === undefined || reported === undefined || endMs < toMs) return [];
      const record = await readRecord(data, {
        key: performanceReportKey(model, reported),
        schema: PerformanceReportSchema,
        atMs: madeAtMs(reported),
      });
      if (record === undefined) return [];
      const onlineLoss = lossOf(record.content, window);
      return onlineLoss === undefined
        ? []
        : [{ version, offlineLoss, onlineLoss, where: record.where, atMs: record.atMs }];
    }),
  );
  return found.flat();
};
