import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

export interface LogEvent {
  readonly atMs: number;
  readonly ingestedAtMs: number;
  readonly stream: string;
  readonly message: string;
}

/** A log group's lines on disk: two files of half the limit each, of which the older is dropped when the newer is full. */
export interface LogFile {
  /** On disk at the end of this turn of the event loop, or after `flush`. */
  readonly append: (event: LogEvent) => void;
  readonly flush: () => void;
  readonly read: () => readonly LogEvent[];
  /** What is appended later is dropped: a cloud that stops would make its folder anew. */
  readonly close: () => void;
  readonly delete: () => void;
}

const SEGMENT_BYTES = 10 * 1024 * 1024;

type Line = readonly [atMs: number, ingestedAtMs: number, stream: string, message: string];

const parse = (path: string): readonly LogEvent[] => {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        if (text === '') return [];
        const [atMs, ingestedAtMs, stream, message] = JSON.parse(text) as Line;
        return [{ atMs, ingestedAtMs, stream, message }];
      } catch {
        // The last line of a process that was killed while it wrote.
        return [];
      }
    });
};

export const openLogFile = (folder: string): LogFile => {
  const current = join(folder, 'current.jsonl');
  const previous = join(folder, 'previous.jsonl');
  let file: number | undefined;
  let sizeBytes = 0;
  let pending: string[] = [];
  let scheduled = false;
  let closed = false;

  const open = (): number => {
    if (file !== undefined) return file;
    mkdirSync(folder, { recursive: true });
    file = openSync(current, 'a');
    sizeBytes = fstatSync(file).size;
    return file;
  };

  const close = (): void => {
    if (file !== undefined) closeSync(file);
    file = undefined;
  };

  const flush = (): void => {
    scheduled = false;
    if (pending.length === 0) return;
    const bytes = Buffer.from(pending.join(''));
    pending = [];
    writeSync(open(), bytes);
    sizeBytes += bytes.length;
    if (sizeBytes < SEGMENT_BYTES) return;
    close();
    renameSync(current, previous);
  };

  return {
    // Lines of one turn of the event loop are written together: a handler's log must not cost a system call a line.
    append: ({ atMs, ingestedAtMs, stream, message }) => {
      if (closed) return;
      pending.push(`${JSON.stringify([atMs, ingestedAtMs, stream, message] satisfies Line)}\n`);
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    flush,
    read: () => {
      flush();
      return [...parse(previous), ...parse(current)];
    },
    close: () => {
      closed = true;
      flush();
      close();
    },
    delete: () => {
      pending = [];
      close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
