import { InvalidRequestError } from '../../kernel/errors.ts';
import { decodeProfile, encodeProfile, type TableBins } from '../profiles/index.ts';
import type { DayDelta, IndexedLabel, KeyedProfile } from './capture-fold.ts';
import { bytesOf, float64Of, int32Of, packParts, unpackParts } from './packed-parts.ts';
import type { PredictionIndex } from './prediction-ids.ts';

/** The captured object that a delta was folded from; both together name it for good. */
export interface CapturedObject {
  readonly key: string;
  readonly etag: string;
}

export interface StoredDelta extends DayDelta {
  readonly source: CapturedObject;
}

type ProfileKey = readonly [version: number, slice: string, hour: number];

interface DeltaHeader {
  readonly schemaVersion: 1;
  readonly source: CapturedObject;
  readonly day: string;
  readonly duplicateCount: number;
  readonly profiles: readonly ProfileKey[];
}

const INDEX_PARTS = 4;

const indexParts = ({ highs, lows, atMs, outputs }: PredictionIndex): readonly Uint8Array[] =>
  [highs, lows, atMs, outputs].map(bytesOf);

const indexOf = (parts: readonly Uint8Array[]): PredictionIndex => {
  const [highs, lows, atMs, outputs] = parts;
  if (!(highs && lows && atMs && outputs)) {
    throw new InvalidRequestError(`an index of predictions must have ${INDEX_PARTS} parts, got ${parts.length}`);
  }
  return {
    rowCount: highs.length / 4,
    highs: int32Of(highs),
    lows: int32Of(lows),
    atMs: float64Of(atMs),
    outputs: float64Of(outputs),
  };
};

export const encodeDelta = ({ source, day, duplicateCount, profiles, index }: StoredDelta): Uint8Array =>
  packParts<DeltaHeader>({
    header: {
      schemaVersion: 1,
      source,
      day,
      duplicateCount,
      profiles: profiles.map(({ version, slice, hour }) => [version, slice, hour]),
    },
    parts: [...indexParts(index), ...profiles.map(({ profile }) => encodeProfile(profile))],
  });

/** @throws InvalidRequestError for other bytes, or bytes that were folded by other bins. */
export const decodeDelta = (bytes: Uint8Array, bins: TableBins): StoredDelta => {
  const { header, parts } = unpackParts<DeltaHeader>(bytes);
  const profiles = header.profiles.map(([version, slice, hour], i): KeyedProfile => {
    const part = parts[INDEX_PARTS + i] ?? new Uint8Array();
    return { version, slice, hour, profile: decodeProfile(part, bins) };
  });
  const { source, day, duplicateCount } = header;
  return { source, day, duplicateCount, profiles, index: indexOf(parts.slice(0, INDEX_PARTS)) };
};

/** What says that an object was folded: written after its deltas. */
export interface FoldedMarker {
  readonly source: CapturedObject;
  readonly days: readonly string[];
  readonly labels: readonly IndexedLabel[];
}

type MarkerHeader = Pick<FoldedMarker, 'source' | 'days'> & { readonly schemaVersion: 1 };

export const encodeMarker = ({ source, days, labels }: FoldedMarker): Uint8Array => {
  const column = (of: (label: IndexedLabel) => number): Uint8Array => bytesOf(Float64Array.from(labels, of));
  return packParts<MarkerHeader>({
    header: { schemaVersion: 1, source, days },
    parts: [
      bytesOf(Int32Array.from(labels, ({ high }) => high)),
      bytesOf(Int32Array.from(labels, ({ low }) => low)),
      column(({ label }) => label),
      column(({ knownAtMs }) => knownAtMs),
      column(({ receivedAtMs }) => receivedAtMs),
    ],
  });
};

const LABEL_PARTS = 5;

/** @throws InvalidRequestError for other bytes. */
export const decodeMarker = (bytes: Uint8Array): FoldedMarker => {
  const { header, parts } = unpackParts<MarkerHeader>(bytes);
  const [highs, lows, ...rest] = parts;
  if (!(highs && lows) || parts.length !== LABEL_PARTS) {
    throw new InvalidRequestError(`a folded object's labels must have ${LABEL_PARTS} parts, got ${parts.length}`);
  }
  const [high, low] = [int32Of(highs), int32Of(lows)];
  const [label, knownAtMs, receivedAtMs] = rest.map(float64Of);
  const labels = Array.from(high, (_, row) => ({
    high: high[row] as number,
    low: low[row] as number,
    label: label?.[row] as number,
    knownAtMs: knownAtMs?.[row] as number,
    receivedAtMs: receivedAtMs?.[row] as number,
  }));
  return { source: header.source, days: header.days, labels };
};

/** The index of a merged day. */
export const encodeIndex = (index: PredictionIndex): Uint8Array => packParts({ header: {}, parts: indexParts(index) });
export const decodeIndex = (bytes: Uint8Array): PredictionIndex => indexOf(unpackParts(bytes).parts);
