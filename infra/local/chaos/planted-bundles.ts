import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Plant } from './plants.ts';

const PROGRAM = fileURLToPath(new URL('../../aws/revise-bundles.ts', import.meta.url));
const run = promisify(execFile);

/**
 * Builds the functions with bugs in them, in a process of its own: it loads the bundler.
 * @param from bundles without them that were built before; by default all are built.
 * @throws Error when the place of a bug is not in the source any more.
 */
export const buildPlanted = async (
  revisions: readonly Plant[],
  { from, outputFolder }: { readonly from?: string; readonly outputFolder: string },
): Promise<void> => {
  const asked = { ...(from === undefined ? {} : { from }), outputFolder, revisions };
  await run(process.execPath, [PROGRAM, JSON.stringify(asked)]);
};
