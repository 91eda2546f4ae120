import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The child processes of jobs, on disk: a cloud that was killed leaves them behind, and the next one on its folder
 * ends them before it takes the jobs up again. A process is known by its number and its start, since numbers return.
 */
export interface ChildRegistry {
  note(pid: number): void;
  forget(pid: number): void;
  /** Ends, with their groups, the processes that an earlier cloud left. @returns their numbers */
  endLeftovers(): readonly number[];
}

/** When a process began, as the system tells it; undefined when there is none. */
const startOf = (pid: number): string | undefined => {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
    return started.trim() || undefined;
  } catch {
    // `ps` fails for a number that no process has.
    return undefined;
  }
};

const endGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in between.
  }
};

export const openChildRegistry = (folder: string): ChildRegistry => {
  mkdirSync(folder, { recursive: true });
  const pathOf = (pid: number): string => join(folder, String(pid));
  return {
    note: (pid) => writeFileSync(pathOf(pid), startOf(pid) ?? ''),
    forget: (pid) => rmSync(pathOf(pid), { force: true }),
    endLeftovers: () => {
      const ended: number[] = [];
      for (const name of readdirSync(folder).sort()) {
        const pid = Number(name);
        const started = readFileSync(join(folder, name), 'utf8');
        if (started !== '' && startOf(pid) === started) {
          endGroup(pid);
          ended.push(pid);
        }
        rmSync(join(folder, name), { force: true });
      }
      return ended;
    },
  };
};
