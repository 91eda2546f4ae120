import { datasetPrefix } from '../../shared/contracts/artifacts.ts';
import type { WindowFile } from '../../shared/contracts/drift-workflow.ts';
import type { DayHead } from '../../shared/core/monitoring/index.ts';
import { DAY_MS, HOUR_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** When the newest prediction was made; of a day that was merged by an earlier release the hour. */
const newestAtMs = (days: readonly DayHead[]): number | undefined => {
  const last = days.findLast(({ rowsByHour }) => rowsByHour.some((count) => count > 0));
  return (
    last && (last.lastAtMs ?? Date.parse(last.day) + last.rowsByHour.findLastIndex((count) => count > 0) * HOUR_MS)
  );
};

/** Where data comes daily the first look finds it; data that is older than the last is as good as none. */
const LOOK_BACK_DAYS = [2, 30] as const;
/** A thousand parts a day. */
const MOST_OBJECTS = 100_000;

type Lists = Pick<ArtifactStore, 'list'>;

const lastDataDay = async (data: Lists, dataset: string, nowMs: number): Promise<string | undefined> => {
  const prefix = `${datasetPrefix(dataset)}known=`;
  for (const daysAgo of LOOK_BACK_DAYS) {
    const found = await data.list(prefix, MOST_OBJECTS, `${prefix}${utcDay(nowMs - daysAgo * DAY_MS)}`);
    const days = found.map(({ key }) => key.slice(prefix.length).split('/')[0] ?? '');
    const last = days.findLast((day) => day <= utcDay(nowMs));
    if (last !== undefined) return last;
  }
  return undefined;
};

/** How old the newest of everything is. */
export const findNewest = async (
  data: Lists,
  { days, dataset, nowMs }: { readonly days: readonly DayHead[]; readonly dataset: string; readonly nowMs: number },
): Promise<WindowFile['newest']> => {
  const [lastPredictionAtMs, dataDay] = [newestAtMs(days), await lastDataDay(data, dataset, nowMs)];
  return {
    ...(lastPredictionAtMs === undefined ? {} : { lastPredictionAtMs }),
    ...(dataDay === undefined ? {} : { lastDataDay: dataDay }),
  };
};
