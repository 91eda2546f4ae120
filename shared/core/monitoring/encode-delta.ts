import { InvalidRequestError } from '../../kernel/errors.ts';
import { decodeProfile, encodeProfile, type TableBins } from '../profiles/index.ts';
import type { DayDelta, KeyedProfile } from './capture-fold.ts';
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
  /** Version 1 has the answers as a fourth part of its index. */
  readonly schemaVersion: 1 | 2;
  readonly source: CapturedObject;
  readonly day: string;
  readonly duplicateCount: number;
  readonly profiles: readonly ProfileKey[];
}

const INDEX_PARTS = { 1: 4, 2: 3 } as const;

const indexOf = (parts: readonly Uint8Array[]): PredictionIndex => {
  const [highs, lows, atMs] = parts;
  if (!(highs && lows && atMs)) {
    throw new InvalidRequestError(`an index of predictions must have ids and times, got ${parts.length} parts`);
  }
  return { rowCount: highs.length / 4, highs: int32Of(highs), lows: int32Of(lows), atMs: float64Of(atMs) };
};

export const encodeDelta = ({ source, day, duplicateCount, profiles, index }: StoredDelta): Uint8Array =>
  packParts<DeltaHeader>({
    header: {
      schemaVersion: 2,
      source,
      day,
      duplicateCount,
      profiles: profiles.map(({ version, slice, hour }) => [version, slice, hour]),
    },
    parts: [index.highs, index.lows, index.atMs]
      .map(bytesOf)
      .concat(profiles.map(({ profile }) => encodeProfile(profile))),
  });

/** @throws InvalidRequestError for other bytes, or bytes that were folded by other bins. */
export const decodeDelta = (bytes: Uint8Array, bins: TableBins): StoredDelta => {
  const { header, parts } = unpackParts<DeltaHeader>(bytes);
  const indexParts = INDEX_PARTS[header.schemaVersion];
  const profiles = header.profiles.map(([version, slice, hour], i): KeyedProfile => {
    const part = parts[indexParts + i] ?? new Uint8Array();
    return { version, slice, hour, profile: decodeProfile(part, bins) };
  });
  const { source, day, duplicateCount } = header;
  return { source, day, duplicateCount, profiles, index: indexOf(parts.slice(0, indexParts)) };
};
