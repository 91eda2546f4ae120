import { datasetPrefix } from '../../contracts/artifacts.ts';
import { utcDay } from '../../kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../ports/artifact-store.ts';

const DAY_OF_OBJECT = /\/known=(\d{4}-\d{2}-\d{2})\/[^/]+\.parquet$/;

/** The calendar months that hold a span, as `YYYY-MM`. */
const monthsOf = (fromDay: string, throughDay: string): readonly string[] => {
  const [first, last] = [fromDay, throughDay].map((day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1);
  const count = Math.max(0, (last ?? 0) - (first ?? 0) + 1);
  return Array.from({ length: count }, (_, i) => {
    const month = (first ?? 0) + i;
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
  });
};

/**
 * A dataset's objects with rows that became known on the UTC days from one instant to another, both included, in the
 * order of their keys. It lists by the month: a look-back is short, a dataset grows for years.
 */
export const listDataset = async (
  data: Pick<ArtifactStore, 'list'>,
  dataset: string,
  { fromMs, throughMs }: { readonly fromMs: number; readonly throughMs: number },
): Promise<readonly StoredObject[]> => {
  const [fromDay, throughDay] = [utcDay(fromMs), utcDay(throughMs)];
  const months = monthsOf(fromDay, throughDay).map((month) => data.list(`${datasetPrefix(dataset)}known=${month}`));
  return (await Promise.all(months)).flat().filter(({ key }) => {
    const day = DAY_OF_OBJECT.exec(key)?.[1];
    return day !== undefined && day >= fromDay && day <= throughDay;
  });
};
