import { decodeProfile, encodeProfile, type TableBins, type TableProfile } from '../profiles/index.ts';
import type { KeyedProfile } from './capture-fold.ts';
import { DAY_SKETCH_SIZE, type MergedDay } from './merge-day.ts';
import { packParts, unpackParts } from './packed-parts.ts';

/** A merged day as checks read it: kilobytes, whatever its traffic. */
export type DaySummary = Omit<MergedDay, 'hours'> & {
  /** Names the deltas that it was merged from. */
  readonly sources: string;
};

/** A merged day without its profiles. */
export type DayHead = Omit<DaySummary, 'slices'>;

interface DayHeader {
  readonly schemaVersion: 1;
  readonly day: string;
  readonly sources: string;
  readonly slices: readonly string[];
  readonly rowsByHour: readonly number[];
  readonly versions: Readonly<Record<string, number>>;
  readonly duplicateCount: number;
  readonly lastAtMs?: number;
}

export const encodeDay = ({ slices, ...day }: DaySummary): Uint8Array => {
  const { sources, rowsByHour, versions, duplicateCount, lastAtMs } = day;
  return packParts<DayHeader>({
    header: {
      schemaVersion: 1,
      day: day.day,
      sources,
      slices: [...slices.keys()],
      rowsByHour,
      versions,
      duplicateCount,
      ...(lastAtMs === undefined ? {} : { lastAtMs }),
    },
    parts: [...slices.values()].map((profile) => encodeProfile(profile, { sketchSize: DAY_SKETCH_SIZE })),
  });
};

/** @throws InvalidRequestError for other bytes. */
export const readDayHead = (bytes: Uint8Array): DayHead => {
  const { schemaVersion: _, slices, ...day } = unpackParts<DayHeader>(bytes).header;
  return day;
};

/** @throws InvalidRequestError for other bytes, or a day by other bins. */
export const decodeDay = (bytes: Uint8Array, bins: TableBins): DaySummary => {
  const { header, parts } = unpackParts<DayHeader>(bytes);
  const { schemaVersion: _, slices: names, ...day } = header;
  const slices = new Map(
    names.map((slice, i): [string, TableProfile] => [slice, decodeProfile(parts[i] ?? new Uint8Array(), bins)]),
  );
  return { ...day, slices };
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

/**
 * One slice of a day by version and hour; the others are not decoded.
 * @throws InvalidRequestError for other bytes, or a day by other bins.
 */
export const decodeHours = (bytes: Uint8Array, bins: TableBins, slice: string): Pick<MergedDay, 'day' | 'hours'> => {
  const { header, parts } = unpackParts<HoursHeader>(bytes);
  const hours = header.profiles.flatMap(([version, name, hour], i): readonly KeyedProfile[] =>
    name === slice ? [{ version, slice, hour, profile: decodeProfile(parts[i] ?? new Uint8Array(), bins) }] : [],
  );
  return { day: header.day, hours };
};
