import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openAssembler } from './helpers/assembler.ts';

/**
 * One folder for all that a run of the tests writes: whatever a test leaves goes with it. What was compiled once serves
 * every process and environment of the run; runs that do not watch for changes also share their bundles and the process
 * that synthesises.
 */
export const setup = ({ config }: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tests-'));
  const given = {
    TMPDIR: folder,
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    MILLRACE_COMPILED_CODE: join(folder, 'compiled'),
    ...(config.watch
      ? {}
      : { MILLRACE_SHARED_BUILD: join(folder, 'functions'), MILLRACE_ASSEMBLER: join(folder, 'assembler') }),
  };
  const before = Object.keys(given).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, given);
  const { MILLRACE_ASSEMBLER: socket } = given;
  // The security rules have tests of their own; here they would only cost seconds.
  const assembler =
    socket === undefined ? undefined : openAssembler(socket, { ...process.env, CDK_VALIDATION: 'false' });
  return () => {
    assembler?.close();
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  };
};
