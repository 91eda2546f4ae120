import { join } from 'node:path';
import type { ServiceContext } from '../contracts.ts';
import type { CredentialStore } from '../iam/credentials.ts';
import { type CodeStore, createCodeStore } from './code-store.ts';
import { createEnvironmentPool, type EnvironmentPool } from './environment-pool.ts';
import { createFunctionStore, type FunctionStore } from './function-store.ts';

export interface LambdaOptions {
  readonly credentials: CredentialStore;
  /** Memory of the virtual clock. */
  readonly sharedClock: SharedArrayBuffer;
  /** Where an asset of the assembly lies, by its object key. */
  readonly assetPath: (objectKey: string) => string | undefined;
  /** Stands for the layers: native packages are looked up here. */
  readonly nodePath: string;
  /** Seed of the draws between weighted versions. */
  readonly seed?: number;
  readonly maxEnvironmentsPerVersion?: number;
}

/** Everything the operations of the embedded Lambda share. */
export interface LambdaState extends LambdaOptions {
  readonly context: ServiceContext;
  readonly store: FunctionStore;
  readonly code: CodeStore;
  readonly pool: EnvironmentPool;
  /** Executions in progress by function, for reserved concurrency. */
  readonly running: Map<string, number>;
  /** Functions whose last update has not come into effect yet. */
  readonly updating: Set<string>;
  /** A draw in [0, 1). */
  readonly draw: () => number;
}

const DEFAULT_ENVIRONMENTS = 8;
const IDLE_ENVIRONMENTS = 24;
const IDLE_MS = 15_000;

/** Mulberry32: small, seeded, good enough to split traffic. */
const seededDraw = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const createLambdaState = (context: ServiceContext, options: LambdaOptions): LambdaState => ({
  ...options,
  context,
  store: createFunctionStore(context.store, context),
  code: createCodeStore(join(context.store.folder, 'lambda', 'code'), options.assetPath),
  pool: createEnvironmentPool({
    perKey: options.maxEnvironmentsPerVersion ?? DEFAULT_ENVIRONMENTS,
    idle: IDLE_ENVIRONMENTS,
    idleMs: IDLE_MS,
  }),
  running: new Map(),
  updating: new Set(),
  draw: seededDraw(options.seed ?? 1),
});
