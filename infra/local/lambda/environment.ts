import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EnvironmentData, EnvironmentMessage, FunctionFailure, InvokeMessage } from './environment-protocol.ts';

export interface EnvironmentOptions {
  readonly taskRoot: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memorySizeMb: number;
  readonly sharedClock: SharedArrayBuffer;
  /** This environment's own temporary folder, removed with it. */
  readonly temporaryFolder: string;
  readonly logStream: string;
}

export interface Outcome {
  readonly payload: string;
  readonly functionError?: 'Unhandled';
}

export type LogListener = (text: string, level: string | undefined) => void;

/** One execution environment: a worker thread with its own module state, for one execution at a time. */
export interface Environment {
  readonly logStream: string;
  /** Never rejects: a failed function is an outcome. */
  invoke(message: InvokeMessage, onLog: LogListener): Promise<Outcome>;
  /** False after a crash, a failed start or a time-out: the environment must not be used again. */
  alive(): boolean;
  /** Duration of the start, for the first invocation's report; undefined before it is over. */
  initMs(): number | undefined;
  /** What durations are measured by: the machine's time for a thread, virtual time in a simulation. */
  nowMs(): number;
  stop(): Promise<void>;
}

const INIT_LIMIT_MS = 10_000;
const LARGEST_RESPONSE_BYTES = 6_291_556;
const NATIVE_HEADROOM_MB = 256;

export const failed = ({ errorType, errorMessage, trace }: FunctionFailure): Outcome => ({
  functionError: 'Unhandled',
  payload: JSON.stringify({ errorType, errorMessage, trace }),
});

const startWorker = (options: EnvironmentOptions, gate: SharedArrayBuffer): Worker => {
  const { taskRoot, handler, sharedClock } = options;
  mkdirSync(options.temporaryFolder, { recursive: true });
  const compiledFolder = process.env.MILLRACE_COMPILED_CODE ?? join(options.temporaryFolder, '../compiled');
  const workerData: EnvironmentData = { taskRoot, compiledFolder, handler, sharedClock, gate };
  return new Worker(new URL('./environment-main.ts', import.meta.url), {
    workerData,
    env: { ...options.environment, TMPDIR: options.temporaryFolder, NODE_COMPILE_CACHE: compiledFolder },
    // The limit holds for the JavaScript heap alone, whereas a function's memory holds native tensors too.
    resourceLimits: { maxOldGenerationSizeMb: options.memorySizeMb + NATIVE_HEADROOM_MB },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdout: true,
    stderr: true,
  });
};

/** What a handler's answer, as JSON text, comes to. */
export const resultOf = (payload: string): Outcome => {
  const sizeBytes = Buffer.byteLength(payload);
  if (sizeBytes <= LARGEST_RESPONSE_BYTES) return { payload };
  return failed({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE_BYTES} bytes).`,
    trace: [],
  });
};

const outcomeOf = (message: EnvironmentMessage): Outcome | undefined => {
  if (message.type === 'failed' || message.type === 'init-failed') return failed(message.failure);
  return message.type === 'result' ? resultOf(message.payload) : undefined;
};

export const exitFailure = (requestId: string, reason: string): Outcome =>
  failed({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited ${reason}`,
    trace: [],
  });

export const timeOutFailure = ({ requestId, timeoutMs }: InvokeMessage): Outcome =>
  failed({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`,
    trace: [],
  });

interface Execution {
  readonly message: InvokeMessage;
  readonly onLog: LogListener;
  readonly finish: (outcome: Outcome) => void;
  timer?: NodeJS.Timeout;
}

export const createEnvironment = (options: EnvironmentOptions): Environment => {
  const gate = new SharedArrayBuffer(4);
  const gateView = new Int32Array(gate);
  const worker = startWorker(options, gate);
  const startedAt = performance.now();
  let alive = true;
  let initMs: number | undefined;
  let initOutcome: Outcome | undefined;
  let current: Execution | undefined;
  const earlyLogs: (readonly [text: string, level: string | undefined])[] = [];
  worker.unref();

  const finish = (outcome: Outcome): void => {
    clearTimeout(current?.timer);
    const { finish: resolve } = current ?? {};
    current = undefined;
    resolve?.(outcome);
  };

  const stop = async (): Promise<void> => {
    alive = false;
    await worker.terminate();
    rmSync(options.temporaryFolder, { recursive: true, force: true });
  };

  const abandon = (outcome: Outcome): void => {
    alive = false;
    initOutcome ??= outcome;
    finish(outcome);
    void stop();
  };

  const begin = (execution: Execution): void => {
    const { timeoutMs } = execution.message;
    clearTimeout(execution.timer);
    execution.timer = setTimeout(() => abandon(timeOutFailure(execution.message)), timeoutMs);
    worker.postMessage(execution.message);
    Atomics.store(gateView, 0, 1);
    Atomics.notify(gateView, 0);
  };

  worker.on('message', (message: EnvironmentMessage) => {
    if (message.type === 'log') {
      if (current) current.onLog(message.text, message.level);
      else earlyLogs.push([message.text, message.level]);
      return;
    }
    if (message.type === 'ready') {
      initMs = performance.now() - startedAt;
      if (current) begin(current);
      return;
    }
    const outcome = outcomeOf(message);
    if (outcome === undefined) return;
    if (message.type === 'init-failed') abandon(outcome);
    else finish(outcome);
  });
  worker.on('error', (error) => {
    const outOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (outOfMemory) abandon(exitFailure(current?.message.requestId ?? '', 'with error: signal: killed'));
    else
      abandon(failed({ errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }));
  });
  worker.on('exit', () => {
    if (alive) abandon(exitFailure(current?.message.requestId ?? '', 'without providing a reason'));
  });

  return {
    logStream: options.logStream,
    alive: () => alive,
    initMs: () => initMs,
    nowMs: () => performance.now(),
    stop,
    invoke: (message, onLog) =>
      new Promise((resolve) => {
        if (!alive) return resolve(initOutcome ?? exitFailure(message.requestId, 'before the invocation'));
        for (const [text, level] of earlyLogs.splice(0)) onLog(text, level);
        const execution: Execution = { message, onLog, finish: resolve };
        current = execution;
        if (initMs !== undefined) return begin(execution);
        // A start that takes long is charged to the invocation, as AWS does.
        const limitMs = INIT_LIMIT_MS + message.timeoutMs;
        execution.timer = setTimeout(() => abandon(timeOutFailure(message)), limitMs);
      }),
  };
};
