import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import type { RecordedRelease } from '../../shared/core/ml-test-score/index.ts';
import { isPackaged, type ModelVersion, type Rollout } from '../../shared/core/registry/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { readDriftReport, reportedDays } from './read-daily-reports.ts';
import type { Bucket } from './read-record.ts';

/** Versions whose losses are compared. */
const MOST_RELEASES = 12;
/** Days after a promotion on which the window may be all the version's own, and has labels. */
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

/** The days, of those that are reported on, whose window has nothing but the version's predictions. */
const ownDays = (
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  windowDays: number,
  days: readonly string[],
): readonly string[] => {
  const from = utcDay(startMs + windowDays * DAY_MS);
  const to = utcDay(Math.min(endMs, startMs + (windowDays + LATEST_DAYS) * DAY_MS));
  return days.filter((day) => day >= from && day <= to);
};

/**
 * For each version that was promoted its loss on the holdout, and in service over the first window of its own; newest
 * first. Of versions that served for less than a window there is none.
 */
export const readReleases = async (data: Bucket, asked: Asked): Promise<readonly RecordedRelease[]> => {
  const { model, day, windowDays, versions, rollouts } = asked;
  const packaged = versions.filter(isPackaged);
  const promoted = rollouts.filter(({ status, kind }) => status === 'PROMOTED' && kind === 'model');
  const days = await reportedDays(data, driftReportKey, { model, day });
  const found = await Promise.all(
    promoted.slice(0, MOST_RELEASES).map(async ({ version, endedAtMs = 0 }, i) => {
      const offlineLoss = packaged.find((one) => one.version === version)?.metrics[HOLDOUT_LOSS];
      const endMs = promoted[i - 1]?.startedAtMs ?? Number.MAX_SAFE_INTEGER;
      if (offlineLoss === undefined) return [];
      for (const reported of ownDays({ startMs: endedAtMs, endMs }, windowDays, days)) {
        const record = await readDriftReport(data, model, reported);
        const { loss } = record?.content ?? {};
        if (record?.content.version !== version || loss === undefined) continue;
        return [{ version, offlineLoss, onlineLoss: loss, where: record.where, atMs: record.atMs }];
      }
      return [];
    }),
  );
  return found.flat();
};
