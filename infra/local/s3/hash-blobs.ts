import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { BlobPiece, BlobStore } from './blob-store.ts';
import { type ChecksumAlgorithm, createChecksum } from './checksums.ts';

/** Checksum and MD5 of bytes that are already kept. */
export const hashBlobs = async (
  blobs: BlobStore,
  pieces: readonly BlobPiece[],
  algorithm: ChecksumAlgorithm,
): Promise<{ readonly checksum: string; readonly md5: Buffer }> => {
  const checksum = createChecksum(algorithm);
  const md5 = createHash('md5');
  for await (const chunk of blobs.read(pieces) as AsyncIterable<Buffer>) {
    checksum.update(chunk);
    md5.update(chunk);
  }
  return { checksum: checksum.digest(), md5: md5.digest() };
};
