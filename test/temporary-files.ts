import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * One folder for all that a run of the tests writes: whatever a test leaves goes with it. Runs that do not watch for
 * changes also share their bundles there.
 */
export const setup = ({ config }: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-tests-'));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  if (!config.watch) process.env.MILLRACE_SHARED_BUILD = join(folder, 'functions');
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    delete process.env.MILLRACE_SHARED_BUILD;
    rmSync(folder, { recursive: true, force: true });
  };
};
