import { availableParallelism, totalmem } from 'node:os';
import { isMainThread, workerData } from 'node:worker_threads';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import { startHttpThread } from './http-thread.ts';
import type { ThreadData } from './messages.ts';
import { startRunnerThread } from './runner-thread.ts';
import { readServerVersion } from './server-version.ts';
import { readSettings } from './settings.ts';
import { startServer } from './start-server.ts';

/** Of a container the memory that it is given, not that of its machine. */
const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

const main = async (entry: string): Promise<void> => {
  const sharesPort = process.platform === 'linux';
  const settings = readSettings(process.env, { processors: availableParallelism(), memoryBytes, sharesPort });
  // Not before it is needed: the other threads begin with this file too, and need no client of AWS.
  const { openModelSource } = await import('./open-model-source.ts');
  const opened = openModelSource(process.env);
  const version = await readServerVersion(process.env);
  // Threads are given the variables of this one.
  if (version !== undefined) process.env.SERVER_VERSION = version;
  const starting = startServer({ settings, entry, ...opened });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void starting.then((server) => server.drain(signal)));
  }
  await starting;
};

if (isMainThread) {
  main(process.argv[1] as string).catch((error: unknown) => {
    logLine('error', 'server did not start', errorFields(error));
    process.exit(1);
  });
} else {
  const data = workerData as ThreadData;
  if (data.role === 'http') startHttpThread(data);
  else startRunnerThread(data);
}
