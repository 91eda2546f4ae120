import { Buffer } from 'node:buffer';
import type { IdSource } from '../contracts.ts';

const RANDOM_BYTES = 18;
const SEQUENCE_BYTES = 6;

/** Unique and opaque, of the length that AWS's have; holds its place in the order, by which a listing goes on behind it. */
export const newVersionId = (sequence: number, ids: IdSource): string => {
  const place = Buffer.alloc(SEQUENCE_BYTES);
  place.writeUIntBE(sequence, 0, SEQUENCE_BYTES);
  return Buffer.concat([ids.bytes(RANDOM_BYTES), place]).toString('base64url');
};

/** The place of a version, even of one that is gone; undefined when the id is not one of ours. */
export const sequenceOf = (versionId: string): number | undefined => {
  const bytes = Buffer.from(versionId, 'base64url');
  if (bytes.length !== RANDOM_BYTES + SEQUENCE_BYTES || bytes.toString('base64url') !== versionId) return undefined;
  return bytes.readUIntBE(RANDOM_BYTES, SEQUENCE_BYTES);
};
