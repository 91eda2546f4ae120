import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Changes the code of one folder of functions of an assembly, as a change of its source and a synthesis would. */

export interface Revision {
  /** Matches the name of each function that has the code, and of no other. */
  readonly functions: RegExp;
  /** @returns the new text of its entry point. */
  readonly revise: (bundle: string) => string;
}

const BUNDLE = 'index.js';

interface Template {
  readonly Resources: Readonly<
    Record<
      string,
      {
        readonly Type: string;
        readonly Properties?: { readonly FunctionName?: unknown; readonly Code?: { readonly S3Key?: string } };
      }
    >
  >;
}

const codeOf = (folder: string, file: string, functions: RegExp): readonly string[] =>
  Object.values((JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template).Resources)
    .filter(({ Type, Properties }) => Type === 'AWS::Lambda::Function' && functions.test(`${Properties?.FunctionName}`))
    .map(({ Properties }) => (Properties?.Code?.S3Key ?? '').replace('.zip', ''));

/** Assets are folders named after their hash, which the templates name too. @throws Error unless there is one. */
const hashOf = (folder: string, { functions }: Revision): string => {
  const templates = readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const [hash, ...more] = new Set(templates.flatMap((file) => codeOf(folder, file, functions)));
  if (hash !== undefined && more.length === 0) return hash;
  const count = hash === undefined ? 0 : more.length + 1;
  throw new Error(`functions ${functions} of ${folder} must have one code, have ${count}`);
};

/** Copies an assembly to a new folder and changes a bundle there. */
export const reviseAssembly = (assemblyFolder: string, revisedFolder: string, revision: Revision): void => {
  cpSync(assemblyFolder, revisedFolder, { recursive: true });
  const oldHash = hashOf(revisedFolder, revision);
  const asset = `asset.${oldHash}`;
  const file = join(revisedFolder, asset, BUNDLE);
  const before = readFileSync(file, 'utf8');
  const after = revision.revise(before);
  if (after === before) throw new Error(`the revision of ${asset} changed nothing`);
  writeFileSync(file, after);
  const newHash = createHash('sha256').update(after).digest('hex');
  renameSync(join(revisedFolder, asset), join(revisedFolder, `asset.${newHash}`));
  for (const name of readdirSync(revisedFolder).filter((candidate) => candidate.endsWith('.json'))) {
    const path = join(revisedFolder, name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(oldHash, newHash));
  }
};
