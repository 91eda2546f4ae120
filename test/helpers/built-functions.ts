import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundles, buildFunctions } from '../../infra/aws/build.ts';
import { copyBundles } from '../../infra/aws/copied-bundles.ts';

/**
 * The functions' bundles, built once for all test files of a run (see `temporary-files.ts`): bundling takes seconds, and
 * the sources do not change while tests run. Whoever comes first builds; the others wait, and build for themselves if
 * that takes too long.
 */

const WAIT_MS = 60_000;
const POLL_MS = 50;

const sharedBuild = async (built: string): Promise<string> => {
  const lock = `${built}.lock`;
  try {
    mkdirSync(lock);
  } catch {
    for (let waitedMs = 0; waitedMs < WAIT_MS && !existsSync(built); waitedMs += POLL_MS) await sleep(POLL_MS);
    if (existsSync(built)) return built;
  }
  const own = `${built}.${process.pid}`;
  await buildFunctions({ outputFolder: own, definitionsJson: '' });
  if (existsSync(built)) return own;
  renameSync(own, built);
  return built;
};

/** The folder that all test files of a run share; none in runs that watch for changes. */
export const builtBefore = async (): Promise<{ readonly bundles?: string }> => {
  const shared = process.env.MILLRACE_SHARED_BUILD;
  return shared === undefined ? {} : { bundles: await sharedBuild(shared) };
};

/** Bundles of their own for one assembly, with its models' definitions beside those that read them. */
export const builtFunctions = async (
  outputFolder: string,
  files: { readonly definitionsJson: string; readonly compositionsJson: string },
): Promise<Bundles> => {
  const { bundles } = await builtBefore();
  return bundles === undefined ? buildFunctions({ outputFolder, ...files }) : copyBundles(bundles, outputFolder, files);
};
