import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsageRecorder } from './usage.ts';

/**
 * Leaves what a cloud used of its permissions in a folder, a file for each cloud, so that the use by a whole test suite
 * can be gathered: `MILLRACE_IAM_USAGE=<folder> npm test`.
 */
export const writeUsage = (folder: string, name: string, usage: UsageRecorder): void => {
  mkdirSync(folder, { recursive: true });
  const record = { program: process.argv.slice(1), uses: usage.uses(), denials: usage.denials() };
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
};
