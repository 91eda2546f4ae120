import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Changes the code of one function of an assembly, as a change of its source and a synthesis would. */

export interface Revision {
  /** Text that stands in the bundle of the function alone, such as the name of an error of its own. */
  readonly bundleHolds: string;
  /** @returns the new text; @throws when the place to change is not there. */
  readonly revise: (bundle: string) => string;
}

const BUNDLE = 'index.js';

/** Assets are folders named after their hash, which the templates name too. */
const assetOf = (folder: string, { bundleHolds }: Revision): string => {
  const holding = readdirSync(folder)
    .filter((name) => name.startsWith('asset.') && existsSync(join(folder, name, BUNDLE)))
    .filter((name) => readFileSync(join(folder, name, BUNDLE), 'utf8').includes(bundleHolds));
  const [asset, ...more] = holding;
  if (asset !== undefined && more.length === 0) return asset;
  throw new Error(`${JSON.stringify(bundleHolds)} must stand in one bundle of ${folder}, stands in ${holding.length}`);
};

/** Copies an assembly to a new folder and changes a bundle there. */
export const reviseAssembly = (assemblyFolder: string, revisedFolder: string, revision: Revision): void => {
  cpSync(assemblyFolder, revisedFolder, { recursive: true });
  const asset = assetOf(revisedFolder, revision);
  const file = join(revisedFolder, asset, BUNDLE);
  const before = readFileSync(file, 'utf8');
  const after = revision.revise(before);
  if (after === before) throw new Error(`the revision of ${asset} changed nothing`);
  writeFileSync(file, after);
  const oldHash = asset.slice('asset.'.length);
  const newHash = createHash('sha256').update(after).digest('hex');
  renameSync(join(revisedFolder, asset), join(revisedFolder, `asset.${newHash}`));
  for (const name of readdirSync(revisedFolder).filter((candidate) => candidate.endsWith('.json'))) {
    const path = join(revisedFolder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(oldHash, newHash));
  }
};
