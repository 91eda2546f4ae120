import { InvalidRequestError } from '../../../shared/kernel/errors.ts';

const MEBIBYTE = 2 ** 20;

/** How a server is set, from its environment. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  /** Who answers `POST /invocations` without a name. */
  readonly defaultModel?: string;
  /** Models are listed, loaded and unloaded by request. */
  readonly toldOfModels: boolean;
  /** Who called is what the API in front says by its headers: nobody else can send any. */
  readonly callersAreNamed: boolean;
  /** Threads that answer requests, each with connections of its own. */
  readonly httpThreads: number;
  /** Threads that run what needs onnxruntime; 0 only where nothing does. */
  readonly runnerThreads: number;
  /** Most that models in memory may take, loads in flight included. */
  readonly modelBudgetBytes: number;
  readonly maxBodyBytes: number;
  /** Of each HTTP thread: bodies that are being read or answered, and answers that are not read yet. */
  readonly maxBytesInFlight: number;
  /** Of each HTTP thread. */
  readonly maxRequestsInFlight: number;
  /** Of each HTTP thread. */
  readonly maxConnections: number;
  /** Of one model on one thread. */
  readonly maxWaitingRuns: number;
  /** Longest that a run may be expected to wait for its turn. */
  readonly maxQueueMs: number;
  readonly maxBatchRows: number;
  readonly maxBatchDelayMs: number;
  /** Longest that a request may take to arrive, head and body. */
  readonly requestTimeoutMs: number;
  /** Longest that a model may take to be there: its bytes, its room and its load. */
  readonly loadTimeoutMs: number;
  /** Longest from the signal to the end, whatever is still asked. */
  readonly drainLimitMs: number;
  /** From the signal on not ready, but still taking connections: what a load balancer needs to look elsewhere. */
  readonly drainDelayMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** SageMaker says so to a container of many models. */
export const toldOfModels = (env: Environment): boolean => env.SAGEMAKER_MULTI_MODEL === 'true';

const integer = (
  env: Environment,
  name: string,
  { by, min, max }: { readonly by: number; readonly min: number; readonly max: number },
): number => {
  const text = env[name];
  if (text === undefined || text === '') return by;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidRequestError(`${name} must be an integer in [${min}, ${max}], got ${JSON.stringify(text)}`);
};

/**
 * @param machine processors, and memory that the process may use.
 * @throws InvalidRequestError with the variable's name.
 */
export const readSettings = (
  env: Environment,
  machine: { readonly processors: number; readonly memoryBytes: number; readonly sharesPort: boolean },
): Settings => {
  const threads = { by: Math.min(16, Math.max(1, machine.processors)), min: 1, max: 64 };
  const megabytes = (name: string, by: number): number => MEBIBYTE * integer(env, name, { by, min: 1, max: 1_048_576 });
  const milliseconds = (name: string, by: number): number => integer(env, name, { by, min: 0, max: 3_600_000 });
  const defaultModel = env.DEFAULT_MODEL || env.MODEL_NAME;
  return {
    host: env.HOST || '127.0.0.1',
    ...(defaultModel ? { defaultModel } : {}),
    port: integer(env, 'PORT', { by: 8_080, min: 0, max: 65_535 }),
    toldOfModels: toldOfModels(env),
    callersAreNamed: env.CALLERS === 'named-by-api',
    // Elsewhere than on Linux two threads cannot share out the connections of one port.
    httpThreads: machine.sharesPort ? integer(env, 'HTTP_THREADS', threads) : 1,
    runnerThreads: integer(env, 'RUNNER_THREADS', { ...threads, min: 0 }),
    modelBudgetBytes: megabytes('MODEL_BUDGET_MB', Math.max(64, Math.floor(machine.memoryBytes / 2 / MEBIBYTE))),
    maxBodyBytes: integer(env, 'MAX_BODY_BYTES', { by: 5 * MEBIBYTE, min: 1_024, max: 256 * MEBIBYTE }),
    maxBytesInFlight: megabytes('MAX_IN_FLIGHT_MB', 64),
    maxRequestsInFlight: integer(env, 'MAX_REQUESTS_IN_FLIGHT', { by: 1_024, min: 1, max: 100_000 }),
    maxConnections: integer(env, 'MAX_CONNECTIONS', { by: 4_096, min: 1, max: 100_000 }),
    maxWaitingRuns: integer(env, 'MAX_WAITING_RUNS', { by: 512, min: 1, max: 100_000 }),
    maxQueueMs: milliseconds('MAX_QUEUE_MS', 10_000),
    maxBatchRows: integer(env, 'MAX_BATCH_ROWS', { by: 256, min: 1, max: 65_536 }),
    maxBatchDelayMs: milliseconds('MAX_BATCH_DELAY_MS', 5),
    requestTimeoutMs: integer(env, 'REQUEST_TIMEOUT_MS', { by: 30_000, min: 100, max: 600_000 }),
    loadTimeoutMs: integer(env, 'LOAD_TIMEOUT_MS', { by: 60_000, min: 100, max: 600_000 }),
    drainLimitMs: milliseconds('DRAIN_LIMIT_MS', 25_000),
    drainDelayMs: milliseconds('DRAIN_DELAY_MS', 0),
  };
};
