import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join } from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { threadId } from 'node:worker_threads';

/**
 * CommonJS files whose compiled form is kept. Most of the start of an environment is compiling its bundle, most of which
 * is SDK clients; what one environment has compiled serves the next, found by the bytes of the source.
 */
export interface CompiledCode {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Keeps what has been compiled by now. Does nothing the second time, or when all was found. */
  keep(): void;
}

const readKept = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
};

/** A kill in between, or another environment at once, leaves a whole file. */
const write = (file: string, bytes: Uint8Array): void => {
  const own = `${file}.${process.pid}-${threadId}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(own, bytes);
    renameSync(own, file);
  } catch {
    // Nothing depends on it: the next start compiles again.
  }
};

/** A script, compiled or found, and what keeps it. */
export interface CompiledScript {
  readonly script: vm.Script;
  /** Keeps what has been compiled of it by now. Does nothing the second time, or when all was found. */
  keep(): void;
}

/**
 * Compiles a script, or takes what was kept of it.
 * @param folder where compiled forms are kept, for this release of V8 and its flags.
 * @throws SyntaxError
 */
export const compileKept = (
  text: string,
  folder: string,
  options: Pick<vm.ScriptOptions, 'filename' | 'importModuleDynamically'>,
): CompiledScript => {
  const digest = createHash('sha256').update(text).digest('hex');
  const file = join(folder, `${digest}-${v8.cachedDataVersionTag()}`);
  const cachedData = readKept(file);
  const script = new vm.Script(text, { ...options, ...(cachedData === undefined ? {} : { cachedData }) });
  let isKept = cachedData !== undefined && script.cachedDataRejected !== true;
  return {
    script,
    keep: () => {
      if (isKept) return;
      isKept = true;
      write(file, script.createCachedData());
    },
  };
};

/**
 * Evaluates a file as `require` would.
 * @param folder where compiled forms are kept, for this release of V8 and its flags.
 * @throws whatever the code throws, or Node's own complaint about a file that is no CommonJS.
 */
export const loadCompiled = (path: string, folder: string): CompiledCode => {
  const require = createRequire(path);
  let compiled: CompiledScript;
  try {
    compiled = compileKept(Module.wrap(readFileSync(path, 'utf8')), folder, {
      filename: path,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
  } catch {
    // An ECMAScript module in an uploaded archive, or a mistake: Node knows what to do, and what to say.
    return { exports: require(path) as CompiledCode['exports'], keep: () => {} };
  }
  const module = new Module(path);
  module.filename = path;
  compiled.script.runInThisContext().call(module.exports, module.exports, require, module, path, dirname(path));
  return { exports: module.exports as CompiledCode['exports'], keep: compiled.keep };
};
