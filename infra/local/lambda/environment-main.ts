import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { readSharedClock } from '../shared-time.ts';
import { showVirtualTime } from '../virtual-date.ts';
import { loadCompiled } from './compiled-code.ts';
import type { EnvironmentData, EnvironmentMessage, FunctionFailure, InvokeMessage } from './environment-protocol.ts';

/** Runs inside a worker thread: one execution environment, which is what AWS's Node runtime is to a function. */

type Handler = (event: unknown, context: unknown) => unknown;

const data = workerData as EnvironmentData;
const gate = new Int32Array(data.gate);
let keepCompiled = (): void => {};
const post = (message: EnvironmentMessage): void => parentPort?.postMessage(message);

const captureOutput = (): void => {
  for (const [method, level] of [
    ['log', 'INFO'],
    ['info', 'INFO'],
    ['debug', 'DEBUG'],
    ['trace', 'TRACE'],
    ['warn', 'WARN'],
    ['error', 'ERROR'],
  ] as const) {
    console[method] = (...values: readonly unknown[]) => post({ type: 'log', text: format(...values), level });
  }
  const write = (chunk: string | Uint8Array): boolean => {
    post({ type: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8') });
    return true;
  };
  process.stdout.write = write;
  process.stderr.write = write;
};

const failureOf = (error: unknown, errorType?: string): FunctionFailure => {
  if (error instanceof Error) {
    return { errorType: errorType ?? error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: errorType ?? typeof error, errorMessage: format(error), trace: [] };
};

const initFailure = (errorType: string, message: string): FunctionFailure => ({
  errorType,
  errorMessage: message,
  trace: [],
});

const importModule = async (name: string): Promise<Readonly<Record<string, unknown>>> => {
  const path = ['.js', '.mjs', '.cjs'].map((extension) => join(data.taskRoot, `${name}${extension}`)).find(existsSync);
  if (path === undefined) throw initFailure('Runtime.ImportModuleError', `Error: Cannot find module '${name}'`);
  if (path.endsWith('.mjs')) return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const { exports, keep } = loadCompiled(path, data.compiledFolder);
  keepCompiled = keep;
  return exports;
};

const loadHandler = async (): Promise<Handler> => {
  const [moduleName = '', exportName = ''] = data.handler.split('.');
  const handler = (await importModule(moduleName))[exportName];
  if (typeof handler !== 'function') {
    throw initFailure('Runtime.HandlerNotFound', `${data.handler} is undefined or not exported`);
  }
  if (handler.length > 2) {
    throw initFailure(
      'Runtime.CallbackHandlerDeprecated',
      'the Node.js 24 runtime does not support handlers with a callback',
    );
  }
  return handler as Handler;
};

const contextOf = ({ requestId, invokedFunctionArn, timeoutMs }: InvokeMessage): unknown => {
  const { env } = process;
  const startedAt = performance.now();
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: requestId,
    invokedFunctionArn,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(timeoutMs - (performance.now() - startedAt))),
  };
};

const handle = async (handler: Handler, message: InvokeMessage): Promise<EnvironmentMessage> => {
  try {
    const result = await handler(JSON.parse(message.payload), contextOf(message));
    return { type: 'result', payload: JSON.stringify(result) ?? 'null' };
  } catch (error) {
    return { type: 'failed', failure: failureOf(error) };
  }
};

const isFailure = (error: unknown): error is FunctionFailure =>
  typeof error === 'object' && error !== null && !(error instanceof Error) && 'errorType' in error;

const main = async (): Promise<void> => {
  // It has served: this file and what it imports are compiled. Functions do not see it, as on AWS.
  delete process.env.NODE_COMPILE_CACHE;
  const sharedClock = new Float64Array(data.sharedClock);
  showVirtualTime((realNowMs) => readSharedClock(sharedClock, realNowMs));
  captureOutput();
  process.on('unhandledRejection', (reason) => {
    post({ type: 'failed', failure: failureOf(reason, 'Runtime.UnhandledPromiseRejection') });
    process.exit(128);
  });
  let handler: Handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    post({ type: 'init-failed', failure: isFailure(error) ? error : failureOf(error) });
    return;
  }
  parentPort?.on('message', (message: InvokeMessage) => {
    Atomics.store(gate, 0, 0);
    void handle(handler, message).then((answer) => {
      post(answer);
      // What the first invocation came to is compiled by now.
      keepCompiled();
      // Lambda freezes an environment that has answered: work left running must not seem to finish here either.
      Atomics.wait(gate, 0, 0);
    });
  });
  post({ type: 'ready' });
};

await main();
