import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { LocalClock } from '../contracts.ts';
import type { ChildRegistry } from './child-registry.ts';
import type { LocalImage } from './local-images.ts';

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
  /** SIGKILL at once: what a lost host or a lack of memory does. */
  kill(): void;
}

export interface ProcessRequest {
  /** What stands for the image. */
  readonly image: LocalImage;
  readonly arguments: readonly string[];
  readonly cwd: string;
  /** What a function is given for `/opt/ml`. @default cwd */
  readonly root?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Time of a function; a child process lives in the machine's. */
  readonly clock: LocalClock;
  /** Remembers child processes, so that none outlives the cloud. */
  readonly children: ChildRegistry;
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

/** A child process. Real time counts here: it lives in it whatever the virtual clock shows. */
const runCommand = (command: readonly string[], { cwd, env, onLine, children }: ProcessRequest): RunningProcess => {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output = Promise.all([readLines(child.stdout, onLine), readLines(child.stderr, onLine)]);
  const { pid } = child;
  if (pid !== undefined) children.note(pid);
  let killTimer: NodeJS.Timeout | undefined;
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('error', (error) => resolve({ startError: error.message }));
    child.once('exit', (code, signal) => {
      clearTimeout(killTimer);
      if (pid !== undefined) children.forget(pid);
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
    kill: () => signalGroup(child, 'SIGKILL'),
  };
};

/** A function of this process: it is asked to stop, and left behind when it does not within the grace. */
const runFunction = (
  program: Exclude<LocalImage, readonly string[]>,
  { arguments: given, cwd, root = cwd, env, onLine, clock }: ProcessRequest,
): RunningProcess => {
  const abort = new AbortController();
  const { signal } = abort;
  // Held while the function works, not while it waits; it waits for one thing at a time.
  let release = clock.hold('job');
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => {
        timer.cancel();
        release = clock.hold('job');
        reject(signal.reason);
      };
      const timer = clock.at(clock.nowMs() + ms, 'job', () => {
        signal.removeEventListener('abort', stop);
        release = clock.hold('job');
        resolve();
      });
      signal.addEventListener('abort', stop, { once: true });
      release();
    });
  const { promise: killed, resolve: kill } = Promise.withResolvers<ProcessExit>();
  const run = async (): Promise<ProcessExit> => {
    try {
      const code = await program({ root, environment: env, arguments: given, signal, print: onLine, wait });
      return signal.aborted ? { signal: 'SIGTERM' } : { code };
    } catch (error) {
      if (signal.aborted) return { signal: 'SIGTERM' };
      onLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { code: 1 };
    } finally {
      release();
    }
  };
  return {
    exited: Promise.race([run(), killed]).finally(() => release()),
    stop: (graceMs) => {
      if (signal.aborted) return;
      abort.abort(new Error('the job is stopped'));
      clock.at(clock.nowMs() + graceMs, 'grace of a job', () => kill({ signal: 'SIGKILL' }));
    },
    kill: () => {
      kill({ signal: 'SIGKILL' });
      abort.abort(new Error('the job is killed'));
    },
  };
};

/** Runs what stands for a container. */
export const runProcess = (request: ProcessRequest): RunningProcess => {
  const { image } = request;
  if (typeof image === 'function') return runFunction(image, request);
  return runCommand([...image, ...request.arguments], request);
};
