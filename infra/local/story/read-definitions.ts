import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDefinitions } from '../../../shared/contracts/definitions.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';

/** The model definitions of an assembly, from the file that the app put beside the functions' code. */
export const readDefinitions = (assemblyFolder: string): readonly ModelDefinition[] => {
  const file = readdirSync(assemblyFolder)
    .filter((name) => name.startsWith('asset.'))
    .map((name) => join(assemblyFolder, name, 'definitions.json'))
    .find(existsSync);
  if (file === undefined) throw new Error(`the assembly ${assemblyFolder} holds no definitions.json`);
  return [...parseDefinitions(readFileSync(file, 'utf8')).values()];
};
