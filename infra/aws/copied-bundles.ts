import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPOSITIONS_FILE } from '../../shared/contracts/compositions.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { Bundles } from './build.ts';

/**
 * Bundles that `buildFunctions` made of these sources before, for other models: only what they read of the models
 * differs.
 * @throws InvalidRequestError for a folder that holds none.
 */
export const copyBundles = (
  from: string,
  outputFolder: string,
  files: { readonly definitionsJson: string; readonly compositionsJson: string },
): Bundles => {
  if (!existsSync(from)) throw new InvalidRequestError(`bundles must be a folder that was built before, got ${from}`);
  cpSync(from, outputFolder, { recursive: true });
  const texts = { 'definitions.json': files.definitionsJson, [COMPOSITIONS_FILE]: files.compositionsJson };
  for (const name of readdirSync(outputFolder)) {
    for (const [file, text] of Object.entries(texts)) {
      if (existsSync(join(outputFolder, name, file))) writeFileSync(join(outputFolder, name, file), text);
    }
  }
  return {
    folderOf: (name) => {
      if (existsSync(join(outputFolder, name))) return join(outputFolder, name);
      throw new InvalidRequestError(`functions/${name} does not exist, but a stack deploys it`);
    },
  };
};
