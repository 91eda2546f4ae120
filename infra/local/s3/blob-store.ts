import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { readPieces } from './read-blobs.ts';

/** Bytes on disk under the name of their SHA-256: equal contents are kept once. */
export interface BlobStore {
  /** A path for bytes that are still arriving; on the same file system as the blobs. */
  temporaryPath(): string;
  /** Puts a received file in its place. Synchronous, so that it and the metadata's commit are one turn. */
  keep(temporaryPath: string, blob: string): void;
  remove(blob: string): void;
  /** Opens the pieces now, so that a later removal does not take the bytes away from a reader. */
  read(pieces: readonly BlobPiece[]): Readable;
}

/** Bytes `start` to `end` (inclusive) of a blob. */
export interface BlobPiece {
  readonly blob: string;
  readonly start: number;
  readonly end: number;
}

export const openBlobStore = (folder: string): BlobStore => {
  const incoming = join(folder, 'incoming');
  // What arrived when the process died was never acknowledged.
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const blobs = join(folder, 'blobs');
  mkdirSync(blobs, { recursive: true });
  const known = new Set(readdirSync(blobs));
  const pathOf = (blob: string): string => join(blobs, blob.slice(0, 2), blob);

  return {
    temporaryPath: () => join(incoming, randomUUID()),
    keep: (temporaryPath, blob) => {
      const path = pathOf(blob);
      const shelf = blob.slice(0, 2);
      if (!known.has(shelf)) mkdirSync(dirname(path), { recursive: true });
      known.add(shelf);
      if (existsSync(path)) unlinkSync(temporaryPath);
      else renameSync(temporaryPath, path);
    },
    remove: (blob) => rmSync(pathOf(blob), { force: true }),
    read: (pieces) =>
      readPieces(
        pieces
          .filter(({ start, end }) => end >= start)
          .map(({ blob, start, end }) => ({ fd: openSync(pathOf(blob), 'r'), start, end })),
      ),
  };
};
