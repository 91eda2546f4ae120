import type { DeclaredSlice } from '../deployment/index.ts';
import { type ColumnBins, decodeProfile, encodeProfile, type TableProfile, tableBins } from '../profiles/index.ts';
import { DELTA_SKETCH_SIZE } from './capture-fold.ts';
import { packParts, unpackParts } from './packed-parts.ts';
import type { TrainingDay, TrainingReference } from './training-reference.ts';

interface StoredDay {
  readonly day: string;
  /** Names of the slices that have rows, in the order of their profiles. */
  readonly slices: readonly string[];
  readonly rowsByHour: readonly number[];
}

interface ReferenceHeader {
  readonly schemaVersion: 1;
  readonly columns: readonly ColumnBins[];
  readonly blockDays: number;
  readonly slices: readonly DeclaredSlice[];
  readonly days: readonly StoredDay[];
  readonly hourCount: number;
}

const WHOLE_SKETCH_SIZE = 256;

/** One file: the whole, then by day the whole traffic and its slices, then the hours. */
export const encodeReference = ({
  bins,
  days,
  blockDays,
  hours = [],
  whole,
  slices,
}: TrainingReference): Uint8Array => {
  const encode = (profile: TableProfile): Uint8Array => encodeProfile(profile, { sketchSize: DELTA_SKETCH_SIZE });
  const stored = days.map(({ day, slices: sliced = {}, rowsByHour = [] }) => ({
    day,
    slices: Object.keys(sliced),
    rowsByHour,
  }));
  return packParts<ReferenceHeader>({
    header: { schemaVersion: 1, columns: bins.columns, blockDays, slices, days: stored, hourCount: hours.length },
    parts: [
      encodeProfile(whole, { sketchSize: WHOLE_SKETCH_SIZE }),
      ...days.flatMap(({ profile, slices: sliced = {} }) => [profile, ...Object.values(sliced)]).map(encode),
      ...hours.map(encode),
    ],
  });
};

/** By what a reference was counted, without its profiles. @throws InvalidRequestError for other bytes. */
export const readReferenceBins = (bytes: Uint8Array): Pick<TrainingReference, 'bins' | 'slices'> => {
  const { columns, slices } = unpackParts<ReferenceHeader>(bytes).header;
  return { bins: tableBins(columns), slices };
};

/** @throws InvalidRequestError for other bytes. */
export const decodeReference = (bytes: Uint8Array): TrainingReference => {
  const { header, parts } = unpackParts<ReferenceHeader>(bytes);
  const bins = tableBins(header.columns);
  let at = 0;
  const next = (): TableProfile => {
    const part = parts[at] ?? new Uint8Array();
    at += 1;
    return decodeProfile(part, bins);
  };
  const whole = next();
  const days = header.days.map(({ day, slices, rowsByHour }): TrainingDay => {
    const profile = next();
    const sliced = Object.fromEntries(slices.map((name) => [name, next()]));
    return { day, profile, ...(slices.length === 0 ? {} : { slices: sliced }), rowsByHour };
  });
  const hours = Array.from({ length: header.hourCount }, next);
  const { blockDays, slices } = header;
  return { bins, days, blockDays, whole, slices, ...(hours.length === 0 ? {} : { hours }) };
};
