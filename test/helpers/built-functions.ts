import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bundles, buildFunctions } from '../../infra/aws/build.ts';
import { COMPOSITIONS_FILE } from '../../shared/contracts/compositions.ts';

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

/** Bundles of their own for one assembly, with its models' definitions beside those that read them. */
export const builtFunctions = async (
  outputFolder: string,
  files: { readonly definitionsJson: string; readonly compositionsJson: string },
): Promise<Bundles> => {
  const shared = process.env.MILLRACE_SHARED_BUILD;
  if (shared === undefined) return buildFunctions({ outputFolder, ...files });
  cpSync(await sharedBuild(shared), outputFolder, { recursive: true });
  const texts = { 'definitions.json': files.definitionsJson, [COMPOSITIONS_FILE]: files.compositionsJson };
  for (const name of readdirSync(outputFolder)) {
    for (const [file, text] of Object.entries(texts)) {
      if (existsSync(join(outputFolder, name, file))) writeFileSync(join(outputFolder, name, file), text);
    }
  }
  return {
    folderOf: (name) => {
      if (existsSync(join(outputFolder, name))) return join(outputFolder, name);
      throw new Error(`functions/${name} does not exist, but a stack deploys it`);
    },
  };
};
