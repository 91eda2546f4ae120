import { Buffer } from 'node:buffer';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

/** Bytes under the name of their SHA-256: equal contents are kept once. Everything but a stream's pace is synchronous. */
export interface BlobStore {
  /** Takes bytes that are still arriving. */
  receive(): IncomingBlob;
  remove(blob: string): void;
  /** Opens the pieces now, so that a later removal does not take the bytes away from a reader. */
  read(pieces: readonly BlobPiece[]): Readable;
  /** The pieces at once: for what is small. */
  readWhole(pieces: readonly BlobPiece[]): Buffer;
}

export interface IncomingBlob {
  append(chunk: Uint8Array): void;
  /** Puts what arrived in its place, in the turn of the commit that refers to it. */
  keepAs(blob: string): void;
  /** Gives up what was not kept. */
  discard(): void;
}

/** Bytes `start` to `end` (inclusive) of a blob. */
export interface BlobPiece {
  readonly blob: string;
  readonly start: number;
  readonly end: number;
}

const CHUNK_BYTES = 256 * 1024;

const nonEmpty = (pieces: readonly BlobPiece[]): readonly BlobPiece[] =>
  pieces.filter(({ start, end }) => end >= start);

/** A source of bytes that can be closed. */
interface OpenBlob {
  /** At most `length` bytes from `position`, at least one. */
  read(position: number, length: number): Uint8Array;
  close(): void;
}

/** Streams pieces one after the other, and closes all of them at the end or when the reader goes away. */
const streamOf = (pieces: readonly (BlobPiece & { readonly open: OpenBlob })[]): Readable => {
  let index = 0;
  let position = pieces[0]?.start ?? 0;
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      const piece = pieces[index];
      if (piece === undefined) {
        this.push(null);
        return;
      }
      const chunk = piece.open.read(position, Math.min(CHUNK_BYTES, piece.end - position + 1));
      position += chunk.length;
      if (position > piece.end) {
        index += 1;
        position = pieces[index]?.start ?? 0;
      }
      this.push(chunk);
    },
    destroy(error, callback) {
      for (const { open } of pieces) open.close();
      callback(error);
    },
  });
};

const openFile = (path: string): OpenBlob => {
  const fd = openSync(path, 'r');
  return {
    read: (position, length) => {
      const buffer = Buffer.allocUnsafe(length);
      const bytes = readSync(fd, buffer, 0, length, position);
      if (bytes === 0) throw new Error(`the blob ${path} ended at ${position}, expected more bytes`);
      return buffer.subarray(0, bytes);
    },
    close: () => closeSync(fd),
  };
};

const readPiece = (path: string, { start, end }: BlobPiece): Buffer => {
  const file = openFile(path);
  try {
    const chunks: Uint8Array[] = [];
    for (let position = start; position <= end; position += chunks.at(-1)?.length ?? 0) {
      chunks.push(file.read(position, end - position + 1));
    }
    return Buffer.concat(chunks);
  } finally {
    file.close();
  }
};

/** Blobs as files in a folder. */
export const openBlobFiles = (folder: string): BlobStore => {
  const incoming = join(folder, 'incoming');
  // What arrived when the process died was never acknowledged.
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const blobs = join(folder, 'blobs');
  mkdirSync(blobs, { recursive: true });
  const known = new Set(readdirSync(blobs));
  const pathOf = (blob: string): string => join(blobs, blob.slice(0, 2), blob);
  let arrivals = 0;

  const keep = (temporaryPath: string, blob: string): void => {
    const path = pathOf(blob);
    const shelf = blob.slice(0, 2);
    if (!known.has(shelf)) mkdirSync(dirname(path), { recursive: true });
    known.add(shelf);
    if (existsSync(path)) rmSync(temporaryPath);
    else renameSync(temporaryPath, path);
  };

  return {
    receive: () => {
      arrivals += 1;
      const path = join(incoming, String(arrivals));
      const fd = openSync(path, 'w');
      let open = true;
      const close = (): void => {
        if (open) closeSync(fd);
        open = false;
      };
      return {
        append: (chunk) => void writeSync(fd, chunk),
        keepAs: (blob) => {
          close();
          keep(path, blob);
        },
        discard: () => {
          close();
          rmSync(path, { force: true });
        },
      };
    },
    remove: (blob) => rmSync(pathOf(blob), { force: true }),
    read: (pieces) => streamOf(nonEmpty(pieces).map((piece) => ({ ...piece, open: openFile(pathOf(piece.blob)) }))),
    readWhole: (pieces) => Buffer.concat(nonEmpty(pieces).map((piece) => readPiece(pathOf(piece.blob), piece))),
  };
};

/** Blobs in this process alone: for simulations, which keep nothing. */
export const openBlobMemory = (): BlobStore => {
  const blobs = new Map<string, Buffer>();
  const bytesOf = (blob: string): Buffer => {
    const bytes = blobs.get(blob);
    if (bytes === undefined) throw new Error(`there is no blob ${blob}`);
    return bytes;
  };
  return {
    receive: () => {
      let chunks: Buffer[] = [];
      return {
        // Copied: the sender may use its buffer again.
        append: (chunk) => void chunks.push(Buffer.from(chunk)),
        keepAs: (blob) => void blobs.set(blob, Buffer.concat(chunks)),
        discard: () => {
          chunks = [];
        },
      };
    },
    remove: (blob) => void blobs.delete(blob),
    read: (pieces) =>
      streamOf(
        nonEmpty(pieces).map((piece) => {
          const bytes = bytesOf(piece.blob);
          const read = (position: number, length: number) => bytes.subarray(position, position + length);
          return { ...piece, open: { read, close: () => {} } };
        }),
      ),
    readWhole: (pieces) =>
      Buffer.concat(nonEmpty(pieces).map(({ blob, start, end }) => bytesOf(blob).subarray(start, end + 1))),
  };
};
