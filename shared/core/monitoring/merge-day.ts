import { mergeProfiles, type TableProfile } from '../profiles/index.ts';
import { byKey, type DayDelta, DELTA_SKETCH_SIZE, type KeyedProfile } from './capture-fold.ts';
import type { CapturedObject } from './encode-delta.ts';
import { ALL_TRAFFIC, type FoldPlan } from './fold-plan.ts';
import { createIdTable, type IdTable, type PredictionIndex } from './prediction-ids.ts';

const HOURS = 24;
/** Values in the uppermost level of the sketches of a day. */
export const DAY_SKETCH_SIZE = 64;

/** A delta as the merge sees it; `source` says which it is. */
export interface DeltaOfDay extends DayDelta {
  readonly source: CapturedObject;
}

/** The order of deltas in every merge: without it, sketches of the same rows would differ by who came first. */
export const bySource = (a: { readonly source: CapturedObject }, b: { readonly source: CapturedObject }): number => {
  const [left, right] = [`${a.source.key}\n${a.source.etag}`, `${b.source.key}\n${b.source.etag}`];
  return left < right ? -1 : left > right ? 1 : 0;
};

/** A row of a delta as one number. */
const ROWS_OF_DELTA = 2 ** 32;

/** By delta, the ids that stand elsewhere: the earlier answer stands, of two at once that of the first source. */
const idsElsewhere = (deltas: readonly DeltaOfDay[], dayBefore: readonly PredictionIndex[]): readonly IdTable[] => {
  const standing = createIdTable();
  const yesterday = createIdTable();
  const without = deltas.map(() => createIdTable());
  for (const { rowCount, highs, lows } of dayBefore) {
    for (let row = 0; row < rowCount; row += 1) yesterday.set(highs[row] as number, lows[row] as number, 1);
  }
  const atMsOf = (place: number): number =>
    deltas[Math.floor(place / ROWS_OF_DELTA)]?.index.atMs[place % ROWS_OF_DELTA] as number;

  deltas.forEach(({ index }, delta) => {
    for (let row = 0; row < index.rowCount; row += 1) {
      const [high, low] = [index.highs[row] as number, index.lows[row] as number];
      const place = delta * ROWS_OF_DELTA + row;
      const other = standing.get(high, low);
      if (yesterday.get(high, low) !== undefined) without[delta]?.set(high, low, 1);
      else if (other === undefined) standing.set(high, low, place);
      else if (atMsOf(place) < atMsOf(other)) {
        without[Math.floor(other / ROWS_OF_DELTA)]?.set(high, low, 1);
        standing.set(high, low, place);
      } else without[delta]?.set(high, low, 1);
    }
  });
  return without;
};

/** A delta that counts what stands elsewhere, and the ids to fold it without. */
export interface Refold {
  readonly source: CapturedObject;
  readonly without: IdTable;
}

/**
 * Which deltas of a day must be folded again, and without which ids: lines come at least once, and a caller may ask twice.
 * The earliest answer to an id stands; one of the day before stands above all. An id that comes again later than that is
 * another prediction.
 * @param deltas of one day; one a source.
 * @param dayBefore indexes of the day before, as they were folded.
 */
export const findRefolds = (
  deltas: readonly DeltaOfDay[],
  dayBefore: readonly PredictionIndex[],
): readonly Refold[] => {
  const sorted = deltas.toSorted(bySource);
  return idsElsewhere(sorted, dayBefore).flatMap((without, i) =>
    without.size === 0 ? [] : [{ source: (sorted[i] as DeltaOfDay).source, without }],
  );
};

/** A UTC day's predictions, each counted once. */
export interface MergedDay {
  readonly day: string;
  /** By version, hour and slice. */
  readonly hours: readonly KeyedProfile[];
  /** Over versions and hours, by slice; without predictions none. */
  readonly slices: ReadonlyMap<string, TableProfile>;
  /** Of the whole traffic, by UTC hour. */
  readonly rowsByHour: readonly number[];
  /** Of the whole traffic, by version. */
  readonly versions: Readonly<Record<string, number>>;
  readonly duplicateCount: number;
  /** When the newest was made; absent without predictions, and of a day that was merged before it was kept. */
  readonly lastAtMs?: number;
}

const groupBy = (
  profiles: readonly KeyedProfile[],
  nameOf: (one: KeyedProfile) => string,
): ReadonlyMap<string, readonly KeyedProfile[]> => {
  const groups = new Map<string, KeyedProfile[]>();
  for (const one of profiles) {
    const group = groups.get(nameOf(one)) ?? [];
    groups.set(nameOf(one), group);
    group.push(one);
  }
  return groups;
};

const mergeHours = ({ bins }: FoldPlan, profiles: readonly KeyedProfile[]): readonly KeyedProfile[] => {
  const groups = groupBy(profiles, ({ version, hour, slice }) => `${version}/${hour}/${slice}`);
  return [...groups.values()]
    .map((group) => {
      const { version, slice, hour } = group[0] as KeyedProfile;
      const merged = mergeProfiles(
        bins,
        group.map(({ profile }) => profile),
        { sketchSize: DELTA_SKETCH_SIZE },
      );
      return { version, slice, hour, profile: merged };
    })
    .toSorted(byKey);
};

const countRows = (hours: readonly KeyedProfile[]): Pick<MergedDay, 'rowsByHour' | 'versions'> => {
  const rowsByHour = new Array<number>(HOURS).fill(0);
  const versions: Record<string, number> = {};
  for (const { version, slice, hour, profile } of hours) {
    if (slice !== ALL_TRAFFIC) continue;
    rowsByHour[hour] = (rowsByHour[hour] as number) + profile.rowCount;
    versions[version] = (versions[version] ?? 0) + profile.rowCount;
  }
  return { rowsByHour, versions };
};

const lastAtMs = (deltas: readonly DeltaOfDay[]): Pick<MergedDay, 'lastAtMs'> => {
  let last = 0;
  for (const { index } of deltas) for (const atMs of index.atMs) last = Math.max(last, atMs);
  return last === 0 ? {} : { lastAtMs: last };
};

/**
 * Merges a day's deltas, after those that `findRefolds` names were folded again. The same deltas give the same day, in
 * whatever order they come.
 */
export const mergeDay = (
  plan: FoldPlan,
  day: string,
  deltas: readonly DeltaOfDay[],
  refoldedCount: number,
): MergedDay => {
  const sorted = deltas.toSorted(bySource);
  const hours = mergeHours(
    plan,
    sorted.flatMap(({ profiles }) => profiles),
  );
  const slices = [...groupBy(hours, ({ slice }) => slice)].map(([slice, group]) => {
    const profiles = group.map(({ profile }) => profile);
    return [slice, mergeProfiles(plan.bins, profiles, { sketchSize: DAY_SKETCH_SIZE })] as const;
  });
  return {
    day,
    hours,
    slices: new Map(slices),
    ...countRows(hours),
    duplicateCount: sorted.reduce((sum, { duplicateCount }) => sum + duplicateCount, refoldedCount),
    ...lastAtMs(sorted),
  };
};
