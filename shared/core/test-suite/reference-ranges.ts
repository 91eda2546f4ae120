import { mergeProfiles, type TableBins, type TableProfile } from '../profiles/index.ts';
import { type TestedFeature, tableValues } from './table-values.ts';

export const RANGES_VERSION = 2;

/** What each day of the reference measures beside the others: small, JSON, made once a version. */
export interface ReferenceRanges {
  /** 2: what may be missing is no fault, and columns of a single row are no twins. */
  readonly schemaVersion: typeof RANGES_VERSION;
  /** Names the bins by which the days were counted. */
  readonly binsId: string;
  readonly days: readonly string[];
  /** One value a day, by test id; of tests that every day measured. */
  readonly values: Readonly<Record<string, readonly number[]>>;
}

interface ReferenceDays {
  readonly bins: TableBins;
  readonly days: readonly { readonly day: string; readonly profile: TableProfile }[];
}

/** For each day the merge of all others, by merges of what comes before and after it: three a day, not as many as days. */
const withoutEach = ({ bins, days }: ReferenceDays): readonly TableProfile[] => {
  const before: (TableProfile | undefined)[] = [undefined];
  for (const { profile } of days.slice(0, -1)) {
    const last = before.at(-1);
    before.push(mergeProfiles(bins, last === undefined ? [profile] : [last, profile]));
  }
  let after: TableProfile | undefined;
  const others: TableProfile[] = [];
  for (let at = days.length - 1; at >= 0; at -= 1) {
    const sides = [before[at], after].filter((side) => side !== undefined);
    others.unshift(sides.length === 1 ? (sides[0] as TableProfile) : mergeProfiles(bins, sides));
    const profile = days[at]?.profile as TableProfile;
    after = after === undefined ? profile : mergeProfiles(bins, [profile, after]);
  }
  return others;
};

/** Each day of the reference held to the rest of it, as a day in service is held to the whole. */
export const measureReferenceDays = (reference: ReferenceDays, features: readonly TestedFeature[]): ReferenceRanges => {
  const days = reference.days
    .filter(({ profile }) => profile.rowCount > 0)
    .toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const others = days.length < 2 ? [] : withoutEach({ ...reference, days });
  const measured = others.map((rest, at) => tableValues(rest, days[at]?.profile as TableProfile, features));
  // What is held to the whole of the reference needs no range of its days.
  const byDay = [...(measured[0] ?? [])].filter(([, { usual }]) => usual === undefined);
  const ids = byDay.map(([id]) => id).filter((id) => measured.every((values) => values.has(id)));
  return {
    schemaVersion: RANGES_VERSION,
    binsId: reference.bins.id,
    days: days.map(({ day }) => day),
    values: Object.fromEntries(ids.map((id) => [id, measured.map((values) => values.get(id)?.value ?? 0)])),
  };
};
