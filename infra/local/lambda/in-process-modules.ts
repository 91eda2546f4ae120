import fs, { readFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import zlib from 'node:zlib';
import type { IdSource } from '../contracts.ts';
import { type CompiledScript, compileKept } from './compiled-code.ts';
import { inherit } from './inherit.ts';

/** Runs work outside the event loop's order for an environment; its outcome waits while the environment is frozen. */
export type Native = <T>(label: string, work: () => Promise<T>) => Promise<T>;

/** The modules of an in-process environment: its own code, and Node's modules with what depends on the machine replaced. */

export interface ModulesOptions {
  readonly globals: Readonly<Record<string, unknown>>;
  readonly native: Native;
  readonly ids: IdSource;
  /** Stands for `node:crypto`. */
  readonly crypto: object;
  /** Stands for `node:http` and `node:https`. */
  readonly http: object;
  /** Stands for `node:net` and `node:tls`. */
  readonly net: object;
  /** Folder of the function's code. */
  readonly taskRoot: string;
  /** What `/tmp` is to this environment. */
  readonly temporaryFolder: string;
  /** Where native packages are looked up. */
  readonly nodePath: string;
}

type AnyFunction = (...given: readonly unknown[]) => unknown;
type Module = Readonly<Record<string, unknown>>;

const isFunction = (value: unknown): value is AnyFunction => typeof value === 'function';
const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

/** Every function of a module whose answer is a promise, with the promise's outcome taken in the simulation's order. */
const nativeModule = (module: Module, label: string, native: Native): Record<string, unknown> => {
  const wrapped: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(module)) {
    const value = module[name];
    wrapped[name] =
      isFunction(value) && !/^[A-Z]/.test(name) ? inOrder(value, module, `${label}.${name}`, native) : value;
  }
  return wrapped;
};

const inOrder =
  (work: AnyFunction, self: unknown, label: string, native: Native): AnyFunction =>
  (...given) => {
    const outcome = work.apply(self, [...given]);
    return isPromise(outcome) ? native(label, () => outcome) : outcome;
  };

/** Names of temporary folders come from the seed: they may stand in what a function writes. */
const seededFiles = ({ ids, native }: ModulesOptions): Readonly<Record<'fs' | 'fs/promises', object>> => {
  const suffix = (): string => ids.bytes(4).toString('hex').slice(0, 6);
  const mkdtempSync = (prefix: string): string => {
    const folder = `${prefix}${suffix()}`;
    fs.mkdirSync(folder, { recursive: true });
    return folder;
  };
  const promises = {
    ...nativeModule(fsPromises as unknown as Module, 'fs', native),
    mkdtemp: async (prefix: string) => mkdtempSync(prefix),
  };
  return { 'fs/promises': promises, fs: inherit(fs, { mkdtempSync, promises }) };
};

/** Compression with a callback is done at once: a thread would answer in an order of its own. */
const synchronousZlib = (): object => {
  const replaced: Record<string, unknown> = {};
  for (const name of [
    'gzip',
    'gunzip',
    'deflate',
    'inflate',
    'deflateRaw',
    'inflateRaw',
    'unzip',
    'brotliCompress',
    'brotliDecompress',
  ]) {
    const work = (zlib as unknown as Module)[`${name}Sync`] as AnyFunction;
    replaced[name] = (...given: readonly unknown[]) => {
      const done = given.at(-1) as AnyFunction;
      try {
        const bytes = work(...given.slice(0, -1));
        queueMicrotask(() => done(null, bytes));
      } catch (error) {
        queueMicrotask(() => done(error));
      }
    };
  }
  return inherit(zlib, replaced);
};

const hostOf = (temporaryFolder: string): object =>
  inherit(os, {
    tmpdir: () => temporaryFolder,
    homedir: () => '/home/sbx_user1051',
    hostname: () => '169.254.10.1',
    cpus: () => [{ model: 'simulated', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }],
    userInfo: () => ({ username: 'sbx_user1051', uid: 993, gid: 990, shell: null, homedir: '/home/sbx_user1051' }),
  });

interface InferenceSessionLike {
  run: AnyFunction;
}

/** Sessions are loaded and run in a turn of the event loop of their own. */
const onnxRuntime = (module: Module, native: Native): object => {
  const original = module.InferenceSession as { create: AnyFunction };
  const create = async (...given: readonly unknown[]): Promise<InferenceSessionLike> => {
    const session = (await native(
      'onnx.create',
      () => original.create(...given) as Promise<unknown>,
    )) as InferenceSessionLike;
    session.run = inOrder(session.run, session, 'onnx.run', native);
    return session;
  };
  const InferenceSession = inherit(original as object, { create });
  return inherit(module, { InferenceSession });
};

const scripts = new Map<string, CompiledScript>();

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname', '__import'];

/** Where a function's code lies on AWS: what its stack traces show. */
const TASK_ROOT = '/var/task';

/**
 * Compiled once for all environments: a cold start then costs its evaluation alone. A function's code is known by its
 * digest, which names its folder, so that clouds in one process share it too; processes share it where they are told a
 * folder for what is compiled.
 */
const compile = (path: string, taskRoot: string, globalNames: readonly string[]): CompiledScript => {
  const own = path.startsWith(`${taskRoot}/`);
  const key = own ? path.slice(dirname(taskRoot).length) : path;
  const known = scripts.get(key);
  if (known) return known;
  const code = readFileSync(path, 'utf8')
    .replace(/^#!.*/, '')
    // `import()` of a script goes to Node's loader, past the modules given here.
    .replace(/(?<![.\w$])import\((?=["'])/g, '__import(');
  const filename = own ? `${TASK_ROOT}${path.slice(taskRoot.length)}` : path;
  const text = `(function (${[...PARAMETERS, ...globalNames].join(', ')}) {${code}\n})`;
  const { MILLRACE_COMPILED_CODE: folder } = process.env;
  const compiled =
    folder === undefined
      ? { script: new vm.Script(text, { filename }), keep: () => {} }
      : compileKept(text, folder, { filename });
  scripts.set(key, compiled);
  return compiled;
};

/** Packages that call native code through a thin package of its own: their JavaScript is loaded anew per environment. */
const REWIRED = /[\\/]@duckdb[\\/]node-api[\\/]/;

export type LoadModule = (path: string) => Module;

/** Loads CommonJS files, each environment its own instances. */
export const createModuleLoader = (options: ModulesOptions): LoadModule => {
  const { globals, native, nodePath } = options;
  const names = Object.keys(globals);
  const values = Object.values(globals);
  const loaded = new Map<string, { exports: Module }>();
  const packages = createRequire(join(nodePath, 'index.js'));
  const builtIns = new Map<string, unknown>();

  const makeBuiltIn: Readonly<Record<string, () => unknown>> = {
    crypto: () => options.crypto,
    fs: () => seededFiles(options).fs,
    'fs/promises': () => seededFiles(options)['fs/promises'],
    http: () => options.http,
    https: () => options.http,
    net: () => options.net,
    tls: () => options.net,
    os: () => hostOf(options.temporaryFolder),
    process: () => globals.process,
    timers: () => globals,
    zlib: synchronousZlib,
    '@duckdb/node-bindings': () => nativeModule(packages('@duckdb/node-bindings') as Module, 'duckdb', native),
    'onnxruntime-node': () => onnxRuntime(packages('onnxruntime-node') as Module, native),
  };

  const builtIn = (name: string): unknown => {
    const make = makeBuiltIn[name];
    if (make === undefined) return undefined;
    if (!builtIns.has(name)) builtIns.set(name, make());
    return builtIns.get(name);
  };

  const requireFrom = (path: string): ((name: string) => unknown) => {
    const resolver = createRequire(path);
    return (name) => {
      const replaced = builtIn(name.replace(/^node:/, ''));
      if (replaced !== undefined) return replaced;
      if (name.startsWith('node:')) return resolver(name);
      const resolved = resolve(resolver, packages, name);
      return REWIRED.test(resolved) || name.startsWith('.') ? load(resolved) : resolver(resolved);
    };
  };

  const load: LoadModule = (path) => {
    const known = loaded.get(path);
    if (known) return known.exports;
    if (path.endsWith('.json')) return JSON.parse(readFileSync(path, 'utf8')) as Module;
    const module: { exports: Module } = { exports: {} };
    loaded.set(path, module);
    const require = requireFrom(path);
    const importModule = async (name: string): Promise<unknown> => {
      const imported = require(name) as Module;
      return { default: imported, ...properties(imported) };
    };
    const { script, keep } = compile(path, options.taskRoot, names);
    const run = script.runInThisContext() as AnyFunction;
    run.call(module.exports, module.exports, require, module, path, dirname(path), importModule, ...values);
    keep();
    return module.exports;
  };
  return load;
};

/** Own and inherited: a replaced module inherits what it does not replace. */
const properties = (module: Module): Record<string, unknown> => {
  const all: Record<string, unknown> = {};
  for (const name in module) all[name] = module[name];
  return all;
};

const resolve = (own: NodeJS.Require, packages: NodeJS.Require, name: string): string => {
  try {
    return own.resolve(name);
  } catch {
    return packages.resolve(name);
  }
};
