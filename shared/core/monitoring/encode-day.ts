import { decodeProfile, encodeProfile, type TableBins, type TableProfile } from '../profiles/index.ts';
import type { KeyedProfile } from './capture-fold.ts';
import { DAY_SKETCH_SIZE, type MergedDay } from './merge-day.ts';
import { packParts, unpackParts } from './packed-parts.ts';

/** A merged day as checks read it: kilobytes, whatever its traffic. */
export type DaySummary = Omit<MergedDay, 'hours' | 'index'> & {
  /** Names the deltas that it was merged from. */
  readonly sources: string;
};

interface DayHeader {
  readonly schemaVersion: 1;
  readonly day: string;
  readonly sources: string;
  readonly slices: readonly string[];
  readonly rowsByHour: readonly number[];
  readonly versions: Readonly<Record<string, number>>;
  readonly duplicateCount: number;
}

export const encodeDay = ({ slices, ...day }: DaySummary): Uint8Array => {
  const { sources, rowsByHour, versions, duplicateCount } = day;
  return packParts<DayHeader>({
    header: {
      schemaVersion: 1,
      day: day.day,
      sources,
      slices: [...slices.keys()],
      rowsByHour,
      versions,
      duplicateCount,
    },
    parts: [...slices.values()].map((profile) => encodeProfile(profile, { sketchSize: DAY_SKETCH_SIZE })),
  });
};

/** @throws InvalidRequestError for other bytes, or a day by other bins. */
export const decodeDay = (bytes: Uint8Array, bins: TableBins): DaySummary => {
  const { header, parts } = unpackParts<DayHeader>(bytes);
  const { day, sources, rowsByHour, versions, duplicateCount } = header;
  const slices = new Map(
    header.slices.map((slice, i): [string, TableProfile] => [slice, decodeProfile(parts[i] ?? new Uint8Array(), bins)]),
  );
  return { day, sources, slices, rowsByHour, versions, duplicateCount };
};

interface HoursHeader {
  readonly schemaVersion: 1;
  readonly day: string;
  readonly profiles: readonly (readonly [version: number, slice: string, hour: number])[];
}

/** A merged day's profiles by version, slice and hour. */
export const encodeHours = ({ day, hours }: Pick<MergedDay, 'day' | 'hours'>): Uint8Array =>
  packParts<HoursHeader>({
    header: { schemaVersion: 1, day, profiles: hours.map(({ version, slice, hour }) => [version, slice, hour]) },
    parts: hours.map(({ profile }) => encodeProfile(profile)),
  });

/** @throws InvalidRequestError for other bytes, or a day by other bins. */
export const decodeHours = (bytes: Uint8Array, bins: TableBins): Pick<MergedDay, 'day' | 'hours'> => {
  const { header, parts } = unpackParts<HoursHeader>(bytes);
  const hours = header.profiles.map(([version, slice, hour], i): KeyedProfile => {
    return { version, slice, hour, profile: decodeProfile(parts[i] ?? new Uint8Array(), bins) };
  });
  return { day: header.day, hours };
};
