import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext } from '../contracts.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { type CodeStore, createCodeStore } from './code-store.ts';
import { type Concurrency, createConcurrency, DEFAULT_ACCOUNT_CONCURRENCY } from './concurrency.ts';
import type { Environment, EnvironmentOptions } from './environment.ts';
import { createEnvironmentPool, type EnvironmentPool } from './environment-pool.ts';
import { createFunctionStore, type FunctionStore } from './function-store.ts';
import type { EventSources } from './mappings/event-sources.ts';

export interface LambdaOptions {
  readonly credentials: CredentialStore;
  /** Memory of the virtual clock. */
  readonly sharedClock: SharedArrayBuffer;
  /** Queues and streams that mappings may read. Without it a mapping is refused. */
  readonly sources?: () => EventSources;
  /** Where an asset of the assembly lies, by its object key. */
  readonly assetPath: (objectKey: string) => string | undefined;
  /** Stands for the layers: native packages are looked up here. */
  readonly nodePath: string;
  /** Executions at once of the whole account. @default 1,000, as AWS gives a new account or soon after */
  readonly accountConcurrency?: number;
  readonly maxEnvironmentsPerVersion?: number;
  /** What an execution environment is. @default a worker thread */
  readonly createEnvironment?: (options: EnvironmentOptions) => Environment;
  /**
   * Virtual time for which an idle environment is kept.
   * @default threads are given up after 15 s of real time, while time leaps not before they were idle for two days of it
   */
  readonly idleEnvironmentMs?: number;
}

/** Everything the operations of the embedded Lambda share. */
export interface LambdaState extends LambdaOptions {
  readonly context: ServiceContext;
  readonly store: FunctionStore;
  readonly code: CodeStore;
  readonly pool: EnvironmentPool;
  readonly concurrency: Concurrency;
}

const DEFAULT_ENVIRONMENTS = 8;
const IDLE_ENVIRONMENTS = 24;
const IDLE_MS = 15_000;
/** Longer than from one daily run to the next. */
const LEAPT_IDLE_MS = 2 * DAY_MS;
/** Less than a start takes on a busy machine. */
const PATIENCE_MS = 250;

export const createLambdaState = (context: ServiceContext, options: LambdaOptions): LambdaState => {
  const store = createFunctionStore(context.store, context);
  const accountConcurrency = options.accountConcurrency ?? DEFAULT_ACCOUNT_CONCURRENCY;
  return {
    ...options,
    context,
    store,
    concurrency: createConcurrency({ store, accountConcurrency }),
    code: createCodeStore(join(context.store.folder, 'lambda', 'code'), options.assetPath),
    pool: createEnvironmentPool({
      perKey: options.maxEnvironmentsPerVersion ?? DEFAULT_ENVIRONMENTS,
      idle: IDLE_ENVIRONMENTS,
      ...(options.idleEnvironmentMs === undefined
        ? // One processor is for the services, which every function calls.
          {
            idleMs: IDLE_MS,
            leaps: { nowMs: context.clock.nowMs, keepMs: LEAPT_IDLE_MS },
            ready: { count: Math.max(1, availableParallelism() - 1), patienceMs: PATIENCE_MS },
          }
        : { idleMs: options.idleEnvironmentMs, nowMs: context.clock.nowMs }),
    }),
  };
};
