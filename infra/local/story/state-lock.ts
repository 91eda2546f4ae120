import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who works on the state. */
interface Holder {
  readonly pid: number;
  /** As the operating system tells it: numbers of processes are given anew. Absent where it cannot be told. */
  readonly processStart?: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Another process works on the state. */
export class StateInUseError extends Error {
  override readonly name = 'StateInUseError';
}

const FILE = 'start.lock';
/** Each finds one lock whose holder is gone. */
const MOST_ATTEMPTS = 3;

const ifPresent = <T>(read: () => T, absentCode: string): T | undefined => {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === absentCode) return undefined;
    throw error;
  }
};

/** Of Linux the ticks since the boot (proc(5), field 22 of `stat`), elsewhere the instant that `ps` prints. */
const processStart = (pid: number): string | undefined => {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`])
        .toString()
        .trim();
    // The second field is the command's name in brackets, which may hold blanks and brackets itself.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
};

const stillHolds = ({ pid, processStart: known }: Holder): boolean => {
  if (!runs(pid)) return false;
  const now = processStart(pid);
  return known === undefined || now === undefined || known === now;
};

/** Undefined of what no start wrote: a lock comes into its place whole. */
const holderIn = (text: string): Holder | undefined => {
  try {
    const holder = JSON.parse(text);
    return Number.isInteger(holder?.pid) && holder.pid > 0 ? holder : undefined;
  } catch {
    return undefined;
  }
};

const refuse = (folder: string, text: string): StateInUseError => {
  const { pid, since } = holderIn(text) ?? { pid: 'unknown', since: 'just now' };
  return new StateInUseError(
    `npm start runs already on the state in ${folder} (process ${pid}, since ${since}): stop that one first, with Ctrl-C in its terminal or kill ${pid}`,
  );
};

/** Takes the lock of somebody who is gone away, and nobody else's who came in between. */
const takeAway = (file: string, folder: string, stale: string): void => {
  const aside = `${file}.${process.pid}.stale`;
  if (ifPresent(() => renameSync(file, aside) ?? true, 'ENOENT') === undefined) return;
  const taken = readFileSync(aside, 'utf8');
  if (taken !== stale) ifPresent(() => linkSync(aside, file), 'EEXIST');
  rmSync(aside, { force: true });
  if (taken !== stale) throw refuse(folder, taken);
};

/**
 * Makes this process the only one that works on the state below a folder, until the returned function is called or the
 * process is gone: a lock whose holder no longer runs is taken over.
 * @param folder Created when absent. The lock stands beside what it guards, so that the state may be deleted under it.
 * @throws StateInUseError when another process holds it.
 */
export const takeStateLock = (folder: string): (() => void) => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, FILE);
  const draft = `${file}.${process.pid}`;
  const started = processStart(process.pid);
  const own = JSON.stringify({
    pid: process.pid,
    ...(started === undefined ? {} : { processStart: started }),
    since: new Date().toISOString(),
  } satisfies Holder);
  const read = () => ifPresent(() => readFileSync(file, 'utf8'), 'ENOENT');
  writeFileSync(draft, own);
  try {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      // A link appears whole or not at all, and never replaces one.
      if (ifPresent(() => linkSync(draft, file) ?? true, 'EEXIST') === true) {
        return () => {
          if (read() === own) rmSync(file, { force: true });
        };
      }
      const text = read();
      if (text === undefined) continue;
      const holder = holderIn(text);
      if (holder !== undefined && stillHolds(holder)) throw refuse(folder, text);
      takeAway(file, folder, text);
    }
    throw refuse(folder, read() ?? '');
  } finally {
    rmSync(draft, { force: true });
  }
};
