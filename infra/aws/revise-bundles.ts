import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildFunctions, bundleFolders, FUNCTIONS_FOLDER, writeFile } from './build.ts';
import { revisedSource, type SourceRevision } from './revised-sources.ts';

/** What to bundle anew, and from what. */
export interface BundleRevision extends SourceRevision {
  readonly functions: readonly string[];
}

/** @throws Error when the place to change is not there, or no named function holds the file. */
const bundleRevised = async (outputFolder: string, { functions, ...revision }: BundleRevision): Promise<void> => {
  const { plugin, revised } = revisedSource(revision);
  const files = await bundleFolders(functions, FUNCTIONS_FOLDER, { outputFolder, plugins: [plugin] });
  if (!revised()) throw new Error(`${revision.file} is in none of the bundles ${functions.join(', ')}`);
  for (const name of functions) {
    const folder = join(outputFolder, name);
    if (!existsSync(folder)) throw new Error(`functions/${name} was not built`);
    for (const file of readdirSync(folder)) if (file.endsWith('.js')) rmSync(join(folder, file));
  }
  for (const { path, contents } of files) writeFile(path, contents);
};

/**
 * Bundles named functions from changed sources, and all others as they are: for trials of what finds such a change. No
 * stack is built so.
 * @param from bundles that were built before; by default all are built.
 * @param revisions of different functions each.
 */
export const reviseBundles = async ({
  from,
  outputFolder,
  revisions,
}: {
  readonly from?: string;
  readonly outputFolder: string;
  readonly revisions: readonly BundleRevision[];
}): Promise<void> => {
  if (from === undefined) await buildFunctions({ outputFolder, definitionsJson: '' });
  else cpSync(from, outputFolder, { recursive: true });
  for (const revision of revisions) await bundleRevised(outputFolder, revision);
};

/** Called as a program: what it is asked for stands in its argument, as JSON. */
if (import.meta.main) await reviseBundles(JSON.parse(process.argv[2] ?? '{}'));
