import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

/**
 * The records of one stream that are not delivered yet. A record is acknowledged when the operating system has it, so
 * it survives the death of this process. Records are written end to end, as the delivered object will hold them.
 */
export interface StreamBuffer {
  /** @returns bytes now buffered, and whether this opened a new buffer */
  readonly append: (record: Uint8Array) => { readonly sizeBytes: number; readonly opened: boolean };
  /** Closes the open buffer; it then waits for delivery. */
  readonly seal: () => void;
  readonly sealed: () => readonly SealedBuffer[];
  /** When the open buffer was begun; undefined when there is none. */
  readonly openedAtMs: () => number | undefined;
  readonly discard: (buffer: SealedBuffer) => void;
  readonly close: () => void;
}

export interface SealedBuffer {
  readonly id: string;
  readonly openedAtMs: number;
  readonly path: string;
  readonly read: () => Buffer;
}

interface OpenBuffer {
  readonly file: number;
  readonly path: string;
  readonly openedAtMs: number;
  sizeBytes: number;
}

const NAME = /^(\d+)_([0-9a-f-]{36})\.(open|sealed)$/;

const list = (folder: string, kind: 'open' | 'sealed') =>
  readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match?.[3] === kind ? [{ name, openedAtMs: Number(match[1]), id: match[2] ?? '' }] : [];
    });

const reopen = (folder: string): OpenBuffer | undefined => {
  const [left, ...others] = list(folder, 'open');
  if (left === undefined) return undefined;
  // A process that wrote on while it was being stopped leaves a second one.
  for (const { name } of others) renameSync(join(folder, name), join(folder, name.replace(/\.open$/, '.sealed')));
  const path = join(folder, left.name);
  const file = openSync(path, 'a');
  return { file, path, openedAtMs: left.openedAtMs, sizeBytes: fstatSync(file).size };
};

export const openStreamBuffer = (folder: string, nowMs: () => number, newId: () => string): StreamBuffer => {
  mkdirSync(folder, { recursive: true });
  let current = reopen(folder);

  const begin = (): OpenBuffer => {
    const openedAtMs = nowMs();
    const path = join(folder, `${openedAtMs}_${newId()}.open`);
    current = { file: openSync(path, 'a'), path, openedAtMs, sizeBytes: 0 };
    return current;
  };

  return {
    append: (record) => {
      const opened = current === undefined;
      const buffer = current ?? begin();
      writeSync(buffer.file, record);
      buffer.sizeBytes += record.byteLength;
      return { sizeBytes: buffer.sizeBytes, opened };
    },
    seal: () => {
      if (current === undefined) return;
      closeSync(current.file);
      renameSync(current.path, current.path.replace(/\.open$/, '.sealed'));
      current = undefined;
    },
    sealed: () => {
      if (!existsSync(folder)) return [];
      return list(folder, 'sealed').map(({ name, openedAtMs, id }) => {
        const path = join(folder, name);
        return { id, openedAtMs, path, read: () => readFileSync(path) };
      });
    },
    openedAtMs: () => current?.openedAtMs,
    discard: ({ path }) => rmSync(path, { force: true }),
    close: () => {
      if (current !== undefined) closeSync(current.file);
      current = undefined;
    },
  };
};
