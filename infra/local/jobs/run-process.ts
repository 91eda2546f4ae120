import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface ProcessExit {
  /** Undefined when a signal ended it or it never started. */
  readonly code?: number;
  readonly signal?: string;
  /** Why it could not be started. */
  readonly startError?: string;
}

export interface RunningProcess {
  readonly exited: Promise<ProcessExit>;
  /** SIGTERM, then SIGKILL after the grace. Again is fine. */
  stop(graceMs: number): void;
}

export interface ProcessRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

const readLines = (stream: Readable | null, onLine: (line: string) => void): Promise<void> =>
  new Promise((resolve) => {
    if (!stream) return resolve();
    const lines = createInterface({ input: stream });
    lines.on('line', onLine);
    lines.on('close', resolve);
  });

/** The child leads a process group: a script's own children must end with it. */
const signalGroup = (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
};

/**
 * Runs what stands for a container. Real time counts here: a child process lives in it whatever the virtual clock
 * shows, so limits and graces are real timers.
 */
export const runProcess = ({ command, cwd, env, onLine }: ProcessRequest): RunningProcess => {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output = Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  let killTimer: NodeJS.Timeout | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', (error) => resolve({ startError: error.message }));
    child.once('exit', (code, signal) => {
      clearTimeout(killTimer);
      // The last lines count: metrics and errors stand there.
      void output.then(() => resolve({ ...(code === null ? {} : { code }), ...(signal === null ? {} : { signal }) }));
    });
  });
  return {
    exited,
    stop: (graceMs) => {
      if (killTimer) return;
      signalGroup(child, 'SIGTERM');
      killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
    },
  };
};
