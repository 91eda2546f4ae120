import { Buffer } from 'node:buffer';
import { closeSync, read } from 'node:fs';
import { Readable } from 'node:stream';

/** An open file and the positions to read of it, both inclusive. */
interface OpenPiece {
  readonly fd: number;
  readonly start: number;
  readonly end: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Streams pieces of open files one after the other and closes the files at the end, or when the reader goes away: then
 * only after the read under way is done, since its descriptor may not be closed under it.
 */
export const readPieces = (pieces: readonly OpenPiece[]): Readable => {
  let index = 0;
  let position = pieces[0]?.start ?? 0;
  let busy = false;
  let whenIdle: (() => void) | undefined;

  const advance = (bytes: number): void => {
    position += bytes;
    if (position <= (pieces[index]?.end ?? -1)) return;
    index += 1;
    position = pieces[index]?.start ?? 0;
  };

  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      const piece = pieces[index];
      if (piece === undefined) {
        this.push(null);
        return;
      }
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, piece.end - position + 1));
      busy = true;
      read(piece.fd, buffer, 0, buffer.length, position, (error, bytes) => {
        busy = false;
        whenIdle?.();
        if (error ?? bytes === 0) {
          this.destroy(error ?? new Error(`a blob ended at ${position}, expected bytes up to ${piece.end}`));
          return;
        }
        advance(bytes);
        this.push(buffer.subarray(0, bytes));
      });
    },
    destroy(error, callback) {
      const close = (): void => {
        for (const { fd } of pieces) closeSync(fd);
        callback(error);
      };
      if (busy) whenIdle = close;
      else close();
    },
  });
};
