import { rmSync } from 'node:fs';
import { format } from 'node:util';
import type { FaultSource, LocalClock, TimerHandle } from '../contracts.ts';
import type { SendInMemory } from '../simulation/memory-http.ts';
import type { Scheduler } from '../simulation/scheduler.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import type { Transport } from '../simulation/transport.ts';
import {
  type Environment,
  type EnvironmentOptions,
  exitFailure,
  failed,
  type LogListener,
  type Outcome,
  resultOf,
  timeOutFailure,
} from './environment.ts';
import type { FunctionFailure, InvokeMessage } from './environment-protocol.ts';
import { type Handler, loadHandler } from './in-process-code.ts';
import type { Native } from './in-process-modules.ts';
import { runInside } from './in-process-rejections.ts';
import { createInProcessTimers } from './in-process-timers.ts';

/** What an environment in this process lives on. */
export interface InProcessHost {
  readonly scheduler: Scheduler;
  readonly transport: Transport;
  readonly clock: LocalClock;
  readonly faults: FaultSource;
  /** Draws of each environment come from a generator of its own. */
  readonly random: SeededRandom;
  readonly nodePath: string;
  /** For how long an idle one is kept. */
  readonly idleEnvironmentMs: number;
  readonly endpoint: () => string;
  readonly onEvent: (line: string) => void;
}

interface Execution {
  readonly message: InvokeMessage;
  readonly onLog: LogListener;
  readonly resolve: (outcome: Outcome) => void;
  /** Calls made so far. */
  calls: number;
  limit?: TimerHandle;
}

interface Life {
  readonly host: InProcessHost;
  readonly functionName: string;
  /** For the event log: the function, and which of its environments. */
  readonly name: string;
  state: 'frozen' | 'running' | 'dead';
  /** What reached it while it was frozen. */
  parked: (readonly [label: string, task: () => void])[];
  current?: Execution | undefined;
  /** What every later invocation of a dead environment ends with. */
  lastOutcome?: Outcome;
  cancelTimers: () => void;
}

/** Whatever the code leaves unheard ends its environment, as Node's default does to a process. */
const inside = (life: Life, task: () => void): void =>
  runInside((reason) => {
    const { errorMessage, trace } = failureOf(reason);
    die(life, failed({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace }));
  }, task);

/** Lets something reach the code: at once while it runs, with the next invocation while it is frozen, never once it is dead. */
const reach = (life: Life, label: string, task: () => void): void => {
  if (life.state === 'running') inside(life, task);
  else if (life.state === 'frozen') life.parked.push([label, task]);
};

const finish = (life: Life, outcome: Outcome): void => {
  const { current, host, name } = life;
  life.current = undefined;
  if (current === undefined) return;
  current.limit?.cancel();
  host.onEvent(`end ${name} ${outcome.functionError ?? 'ok'}`);
  current.resolve(outcome);
};

const die = (life: Life, outcome: Outcome): void => {
  if (life.state === 'dead') return;
  life.state = 'dead';
  life.parked = [];
  life.cancelTimers();
  life.lastOutcome = outcome;
  finish(life, outcome);
};

const exit = (life: Life, reason: string): void =>
  die(life, exitFailure(life.current?.message.requestId ?? '', reason));

const nativeOf =
  (life: Life): Native =>
  (label, work) =>
    new Promise((resolve, reject) => {
      life.host.scheduler.native(`${label} ${life.name}`, work).then(
        (value) => reach(life, label, () => resolve(value)),
        (error) => reach(life, label, () => reject(error)),
      );
    });

const sendFrom =
  (life: Life): SendInMemory =>
  (request, reply) => {
    if (life.state === 'dead') return;
    const { current } = life;
    const origin = {
      kind: 'function' as const,
      caller: life.functionName,
      // What still sends after its invocation has answered belongs to none.
      ordinal: current ? current.calls++ : 0,
      ...(current ? { invocationId: current.message.requestId } : {}),
      alive: () => life.state !== 'dead',
      receive: (task: () => void) => reach(life, 'answer', task),
      kill: () => exit(life, 'with error: signal: killed'),
    };
    life.host.transport.send(origin, request, reply);
  };

const contextOf = (
  { environment }: EnvironmentOptions,
  { requestId, invokedFunctionArn, timeoutMs }: InvokeMessage,
  nowMs: () => number,
): unknown => {
  const endMs = nowMs() + timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: requestId,
    invokedFunctionArn,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endMs - nowMs())),
  };
};

const isFailure = (error: unknown): error is FunctionFailure =>
  typeof error === 'object' && error !== null && !(error instanceof Error) && 'errorType' in error;

const failureOf = (error: unknown): FunctionFailure => {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: format(error), trace: [] };
};

/** The answer leaves in its turn; after it the environment is frozen. */
const answer = (life: Life, execution: Execution, outcome: Outcome): void => {
  if (life.current !== execution) return;
  life.host.scheduler.add(`result ${life.name}`, () => {
    if (life.current !== execution) return;
    life.state = 'frozen';
    finish(life, outcome);
  });
};

const handle = async (life: Life, execution: Execution, handler: Handler, context: unknown): Promise<void> => {
  try {
    const result = await handler(JSON.parse(execution.message.payload), context);
    answer(life, execution, resultOf(JSON.stringify(result) ?? 'null'));
  } catch (error) {
    answer(life, execution, failed(failureOf(error)));
  }
};

/** Wakes the environment up: what waited for it reaches it in an order of its own, and its time begins to run out. */
const thaw = (life: Life, execution: Execution): void => {
  const { host, name } = life;
  const { scheduler, clock } = host;
  const { message } = execution;
  life.state = 'running';
  host.onEvent(`start ${name} ${message.requestId}`);
  for (const [label, task] of life.parked.splice(0)) {
    scheduler.add(`thawed ${label} ${name}`, () => reach(life, label, task));
  }
  execution.limit = clock.at(clock.nowMs() + message.timeoutMs, `time-out of ${name}`, () => {
    if (life.current === execution) die(life, timeOutFailure(message));
  });
};

/**
 * One execution environment in this process, for simulations: its own modules, virtual time, seeded chance, no sockets.
 * Once it has answered it is frozen: timers and answers wait for its next invocation. Once it has died (a time-out, a
 * fault) nothing of it runs on beyond the call that it is in.
 */
export const createInProcessEnvironment = (options: EnvironmentOptions, host: InProcessHost): Environment => {
  const { clock, scheduler, faults } = host;
  const { logStream, temporaryFolder } = options;
  const functionName = options.environment.AWS_LAMBDA_FUNCTION_NAME ?? 'function';
  const name = `${functionName} ${logStream.slice(-6)}`;
  const life: Life = { host, functionName, name, state: 'frozen', parked: [], cancelTimers: () => {} };
  const timers = createInProcessTimers({ clock, name, reach: (label, task) => reach(life, label, task) });
  life.cancelTimers = timers.cancelAll;
  const skewMs = faults.clockSkewMs(functionName);
  const nowMs = (): number => clock.nowMs() + skewMs;
  const earlyLogs: (readonly [text: string, level: string | undefined])[] = [];
  const log: LogListener = (text, level) => {
    if (life.current) life.current.onLog(text, level);
    else if (life.state !== 'dead') earlyLogs.push([text, level]);
  };
  const load = (): Handler =>
    loadHandler(options, {
      nowMs,
      random: host.random.fork(logStream),
      timers,
      native: nativeOf(life),
      send: sendFrom(life),
      log,
      exit: (code) => exit(life, `with error: exit status ${code}`),
      nodePath: host.nodePath,
      endpoint: host.endpoint(),
    });
  let handler: Handler | undefined;

  const begin = (execution: Execution): void => {
    if (life.current !== execution) return;
    thaw(life, execution);
    try {
      handler ??= load();
    } catch (error) {
      die(life, failed(isFailure(error) ? error : failureOf(error)));
      return;
    }
    // Its code may have ended the process while it was loaded.
    if (life.current === execution) void handle(life, execution, handler, contextOf(options, execution.message, nowMs));
  };
  const beginInside = (execution: Execution): void => inside(life, () => begin(execution));

  return {
    logStream,
    alive: () => life.state !== 'dead',
    initMs: () => 0,
    nowMs: clock.nowMs,
    invoke: (message, onLog) =>
      new Promise((resolve) => {
        if (life.state === 'dead') {
          return resolve(life.lastOutcome ?? exitFailure(message.requestId, 'before the invocation'));
        }
        const execution: Execution = { message, onLog, resolve, calls: 0 };
        life.current = execution;
        for (const [text, level] of earlyLogs.splice(0)) onLog(text, level);
        scheduler.add(`invoke ${name}`, () => beginInside(execution));
      }),
    stop: async () => {
      exit(life, 'by the end of its environment');
      rmSync(temporaryFolder, { recursive: true, force: true });
    },
  };
};
