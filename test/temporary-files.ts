import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * One folder for all that a run of the tests writes: whatever a test leaves goes with it. What was compiled once serves
 * every process and environment of the run; runs that do not watch for changes also share their bundles.
 */
export const setup = ({ config }: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tests-'));
  const given = {
    TMPDIR: folder,
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    MILLRACE_COMPILED_CODE: join(folder, 'compiled'),
    ...(config.watch ? {} : { MILLRACE_SHARED_BUILD: join(folder, 'functions') }),
  };
  const before = Object.keys(given).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, given);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  };
};
