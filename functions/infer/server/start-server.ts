import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';
import { createCoordinator } from './coordinator.ts';
import type { Role, ThreadData } from './messages.ts';
import type { NamedFolders } from './named-folders.ts';
import type { Settings } from './settings.ts';
import { handleThread, type ThreadHandle } from './thread-handle.ts';

interface StartOptions {
  readonly settings: Settings;
  readonly source: ModelSource;
  /** Loaded before the server is ready. */
  readonly preload?: string;
  readonly folders?: NamedFolders;
  /** The file that a worker thread begins with. */
  readonly entry: string;
}

/** What a request leaves behind dies young: with room for many of them, nearly all does before it is looked at. */
const YOUNG_GENERATION_MB = 64;

const rolesOf = ({ httpThreads, runnerThreads }: Settings): readonly Role[] => [
  ...Array.from({ length: httpThreads }, (): Role => 'http'),
  ...Array.from({ length: runnerThreads }, (): Role => 'runner'),
];

/** A way between each two threads of which one may ask the other. */
const connect = (roles: readonly Role[]): readonly (readonly (MessagePort | undefined)[])[] => {
  const ports = roles.map((): (MessagePort | undefined)[] => roles.map(() => undefined));
  for (const [i, role] of roles.entries()) {
    for (let j = i + 1; j < roles.length; j += 1) {
      if (role === 'runner' && roles[j] === 'runner') continue;
      const { port1, port2 } = new MessageChannel();
      (ports[i] as (MessagePort | undefined)[])[j] = port1;
      (ports[j] as (MessagePort | undefined)[])[i] = port2;
    }
  }
  return ports;
};

const startThreads = ({ settings, entry }: StartOptions, onEnd: (error?: unknown) => void): readonly ThreadHandle[] => {
  const roles = rolesOf(settings);
  const ports = connect(roles);
  return roles.map((role, index) => {
    const peers = ports[index] ?? [];
    const workerData: ThreadData = { role, index, settings, peers };
    const worker = new Worker(entry, {
      workerData,
      transferList: peers.filter((port) => port !== undefined),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    worker.on('error', onEnd);
    worker.on('exit', () => onEnd());
    return handleThread(worker, role, index);
  });
};

const listening = (thread: ThreadHandle, port: number): Promise<number> =>
  new Promise((resolve) => {
    thread.on('listening', (message) => resolve(message.port));
    thread.post({ kind: 'listen', port });
  });

/**
 * Starts a server and says when it listens and when it is ready. It ends by itself after `drain`, or when one of its
 * threads dies: a process that is not whole is replaced by whoever runs it.
 */
export const startServer = async (options: StartOptions) => {
  const { settings, source, preload, folders } = options;
  const startedAtMs = performance.now();
  let draining = false;
  const threads = startThreads(options, (error) => {
    if (draining && error === undefined) return;
    logLine('error', 'a thread of the server died', errorFields(error ?? new Error('it exited')));
    process.exit(1);
  });
  const coordinator = createCoordinator({ settings, source, threads, ...(folders === undefined ? {} : { folders }) });
  const http = threads.filter(({ role }) => role === 'http');
  const tellReady = (ready: boolean): void => {
    for (const thread of http) thread.post({ kind: 'ready', ready });
  };
  const port = await listening(http[0] as ThreadHandle, settings.port);
  await Promise.all(http.slice(1).map((thread) => listening(thread, port)));
  logLine('info', 'server listens', { host: settings.host, port, httpThreads: http.length });
  if (preload !== undefined) await coordinator.preload(preload);
  coordinator.beginServing();
  if (!draining) tellReady(true);
  logLine('info', 'server is ready', { port, startMs: Math.round(performance.now() - startedAtMs) });

  return {
    port,
    /** Answers what was asked, within the limit, and ends the process. */
    drain: async (signal: string): Promise<void> => {
      if (draining) return;
      draining = true;
      logLine('info', 'server drains', { signal });
      tellReady(false);
      const limit = setTimeout(() => {
        logLine('warn', 'server ends before all was answered', { limitMs: settings.drainLimitMs });
        process.exit(1);
      }, settings.drainLimitMs + settings.drainDelayMs);
      await new Promise((resolve) => setTimeout(resolve, settings.drainDelayMs));
      await Promise.all(
        http.map(
          (thread) =>
            new Promise<void>((resolve) => {
              thread.on('drained', () => resolve());
              thread.post({ kind: 'drain' });
            }),
        ),
      );
      clearTimeout(limit);
      logLine('info', 'server ends');
      process.exit(0);
    },
  };
};
