import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryHttp, type SendInMemory } from '../simulation/memory-http.ts';
import { createMemoryNet } from '../simulation/memory-net.ts';
import { createSeededIds } from '../simulation/seeded-ids.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';
import type { EnvironmentOptions } from './environment.ts';
import type { FunctionFailure } from './environment-protocol.ts';
import { createSeededCrypto } from './in-process-crypto.ts';
import { type EnvironmentTimers, environmentGlobals } from './in-process-globals.ts';
import { createModuleLoader, type Native } from './in-process-modules.ts';

export type Handler = (event: unknown, context: unknown) => unknown;

/** What an environment gives the code that it loads. */
export interface CodeSurroundings {
  readonly nowMs: () => number;
  readonly random: SeededRandom;
  readonly timers: EnvironmentTimers;
  readonly native: Native;
  readonly send: SendInMemory;
  readonly log: (text: string, level: string | undefined) => void;
  readonly exit: (code: number) => void;
  readonly nodePath: string;
  readonly endpoint: string;
}

const initFailure = (errorType: string, errorMessage: string): FunctionFailure => ({
  errorType,
  errorMessage,
  trace: [],
});

/** Evaluates a function's code anew. @throws FunctionFailure, or whatever the code itself throws while it is loaded. */
export const loadHandler = (options: EnvironmentOptions, surroundings: CodeSurroundings): Handler => {
  const { taskRoot, temporaryFolder } = options;
  const { timers, endpoint, send, random } = surroundings;
  const [moduleName = '', exportName = ''] = options.handler.split('.');
  const path = ['.js', '.cjs'].map((extension) => join(taskRoot, `${moduleName}${extension}`)).find(existsSync);
  if (path === undefined) throw initFailure('Runtime.ImportModuleError', `Error: Cannot find module '${moduleName}'`);
  mkdirSync(temporaryFolder, { recursive: true });
  const ids = createSeededIds(random);
  const crypto = createSeededCrypto(ids);
  const environment = { ...options.environment, TMPDIR: temporaryFolder };
  const load = createModuleLoader({
    globals: environmentGlobals({ ...surroundings, environment, webcrypto: crypto.webcrypto }),
    native: surroundings.native,
    ids,
    crypto: crypto.module,
    http: createMemoryHttp(new URL(endpoint).host, send, { setTimeout: timers.setTimeout, clearTimeout: timers.clear }),
    net: createMemoryNet(new URL(endpoint).host, send, { setTimeout: timers.setTimeout, clearTimeout: timers.clear }),
    taskRoot,
    temporaryFolder,
    nodePath: surroundings.nodePath,
  });
  const handler = load(path)[exportName];
  if (typeof handler !== 'function') {
    throw initFailure('Runtime.HandlerNotFound', `${options.handler} is undefined or not exported`);
  }
  return handler as Handler;
};
