import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundles, buildFunctions } from '../../infra/aws/build.ts';
import { copyBundles } from '../../infra/aws/copied-bundles.ts';
import type { GivenBuild } from '../../infra/local/chaos/prepare-assemblies.ts';
import { askAssembler } from './assembler.ts';

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

/** What all test files of a run share; nothing in runs that watch for changes. */
export const builtBefore = async (): Promise<GivenBuild> => {
  const { MILLRACE_SHARED_BUILD: shared, MILLRACE_ASSEMBLER: assembler } = process.env;
  if (shared === undefined) return {};
  return {
    bundles: await sharedBuild(shared),
    ...(assembler === undefined
      ? {}
      : { synthesise: (models, bundles) => askAssembler(assembler, { models, bundles }) }),
  };
};

/** Bundles of their own for one assembly, with its models' definitions beside those that read them. */
export const builtFunctions = async (
  outputFolder: string,
  files: { readonly definitionsJson: string; readonly compositionsJson: string },
): Promise<Bundles> => {
  const { bundles } = await builtBefore();
  return bundles === undefined ? buildFunctions({ outputFolder, ...files }) : copyBundles(bundles, outputFolder, files);
};
