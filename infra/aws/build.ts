import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { BUILD_INFO_FILE, type BuildInfo, REPRODUCED_FUNCTIONS } from '../../shared/contracts/bill-of-materials.ts';
import { COMPOSITIONS_FILE, serialiseCompositions } from '../../shared/contracts/compositions.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { buildInference, INFERENCE_FUNCTION } from './build-inference.ts';
import { BUNDLE_OPTIONS, NATIVE_PACKAGES } from './bundle-options.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
export const FUNCTIONS_FOLDER = join(REPOSITORY, 'functions');

/** Functions that read the model definitions, from `definitions.json` beside their code. */
export const FUNCTIONS_WITH_DEFINITIONS: ReadonlySet<string> = new Set([
  'request-training',
  'request-packaging',
  'record-run',
  'check-upload',
  'snapshot-data',
  'build-features',
  'estimate-retraining',
  'train-model',
  'evaluate-model',
  'profile-model',
  'register-model-version',
  'decide-approval',
  'record-ground-truth',
  'describe-server',
  'begin-rollout',
  'judge-canary',
  'replay-captured',
  'compare-versions',
  'reconcile-serving',
  'roll-back',
  'plan-folds',
  'profile-window',
  'detect-drift',
  'measure-performance',
  'write-daily-report',
  'notify-people',
  'render-pages',
  'score-model-tests',
  'platform-api',
  'materialize-features',
  'audit-skew',
  'prepare-reproduction',
  'meter-usage',
]);

/** The server of many models, and what its image is built from: `server.js` and `Dockerfile`. No function. */
export const SERVER_BUNDLE = 'infer-server';
const SERVER_SOURCES = 'infer/server';

const serverEntry = (functionsFolder: string): readonly { readonly in: string; readonly out: string }[] => {
  const file = join(functionsFolder, SERVER_SOURCES, 'server.ts');
  return existsSync(file) ? [{ in: file, out: `${SERVER_BUNDLE}/server` }] : [];
};

/** The function that reads the compositions. */
const COMPOSITIONS_FUNCTION = 'infer-composition';

/** Functions that say what was built, from `build-info.json` beside their code; a change of any bundle deploys them. */
const FUNCTIONS_WITH_BUILD_INFO: ReadonlySet<string> = new Set(['profile-model', 'prepare-reproduction']);

/** Where the bundle of a function lies. */
export interface Bundles {
  /** @throws InvalidRequestError for a function that has no folder in `functions/`. */
  folderOf(functionFolder: string): string;
}

interface BuiltFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** In one call but for the inference function, which is divided. @throws InvalidRequestError for warnings. */
export const bundleFolders = async (
  folders: readonly string[],
  functionsFolder: string,
  { outputFolder, plugins = [] }: { readonly outputFolder: string; readonly plugins?: readonly Plugin[] },
): Promise<readonly BuiltFile[]> => {
  const indexOf = (name: string): string => join(functionsFolder, name, 'index.ts');
  const [{ outputFiles, warnings }, divided] = await Promise.all([
    build({
      entryPoints: [
        ...folders
          .filter((name) => name !== INFERENCE_FUNCTION)
          .map((name) => ({ in: indexOf(name), out: `${name}/index` })),
        ...serverEntry(functionsFolder),
      ],
      outdir: outputFolder,
      ...BUNDLE_OPTIONS,
      plugins: [...plugins],
      write: false,
      logLevel: 'silent',
    }),
    folders.includes(INFERENCE_FUNCTION)
      ? buildInference(indexOf(INFERENCE_FUNCTION), plugins)
      : Promise.resolve({ files: [], warnings: [] }),
  ]);
  const told = [...warnings, ...divided.warnings];
  if (told.length > 0) {
    const texts = told.map(({ text, location }) => `${location?.file ?? 'functions'}: ${text}`);
    throw new InvalidRequestError(`bundling gave warnings: ${texts.join('; ')}`);
  }
  const ofInference = divided.files.map(({ name, text }) => ({
    path: join(outputFolder, INFERENCE_FUNCTION, name),
    contents: new TextEncoder().encode(text),
  }));
  return [...outputFiles, ...ofInference];
};

/** Code of an earlier build: the names of parts say what was in them. */
const removeStale = (outputFolder: string, files: readonly BuiltFile[]): void => {
  const paths = new Set(files.map(({ path }) => path));
  const folder = join(outputFolder, INFERENCE_FUNCTION);
  const standing = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.js')) : [];
  for (const name of standing) if (!paths.has(join(folder, name))) rmSync(join(folder, name));
};

/**
 * Bundles every function: `<outputFolder>/<function>/index.js`, CommonJS for Node 24; the inference function has more
 * files beside it (see `split-bundle.ts`). Files are replaced by renaming, so that a synthesis at the same time never
 * sees half of one; the same sources give the same bytes.
 */
export const buildFunctions = async (options: {
  readonly outputFolder: string;
  readonly definitionsJson: string;
  /** @default none */
  readonly compositionsJson?: string;
  readonly functionsFolder?: string;
}): Promise<Bundles> => {
  const { outputFolder, definitionsJson, functionsFolder = FUNCTIONS_FOLDER } = options;
  const folders = readdirSync(functionsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const outputFiles = await bundleFolders(folders, functionsFolder, { outputFolder });
  for (const file of outputFiles) writeFile(file.path, file.contents);
  removeStale(outputFolder, outputFiles);
  const serves = serverEntry(functionsFolder).length > 0;
  if (serves) {
    const dockerfile = join(functionsFolder, SERVER_SOURCES, 'Dockerfile');
    writeFile(join(outputFolder, SERVER_BUNDLE, 'Dockerfile'), readFileSync(dockerfile));
  }
  for (const name of folders.filter((folder) => FUNCTIONS_WITH_DEFINITIONS.has(folder))) {
    writeFile(join(outputFolder, name, 'definitions.json'), definitionsJson);
  }
  if (folders.includes(COMPOSITIONS_FUNCTION)) {
    const compositions = options.compositionsJson ?? serialiseCompositions([]);
    writeFile(join(outputFolder, COMPOSITIONS_FUNCTION, COMPOSITIONS_FILE), compositions);
  }
  const buildInfo = JSON.stringify(buildInfoOf(outputFolder, outputFiles));
  for (const name of folders.filter((folder) => FUNCTIONS_WITH_BUILD_INFO.has(folder))) {
    writeFile(join(outputFolder, name, BUILD_INFO_FILE), buildInfo);
  }
  for (const entry of readdirSync(outputFolder)) {
    if (!folders.includes(entry) && entry !== SERVER_BUNDLE) rmSync(join(outputFolder, entry), { recursive: true });
  }
  return bundlesIn(outputFolder, new Set([...folders, ...(serves ? [SERVER_BUNDLE] : [])]));
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the bills of materials say of the code: only what a model's bytes depend on. */
const buildInfoOf = (outputFolder: string, files: readonly BuiltFile[]): BuildInfo => {
  const byPath = new Map(files.map(({ path, contents }) => [path, contents]));
  const digests = REPRODUCED_FUNCTIONS.flatMap((name) => {
    const bundle = byPath.get(join(outputFolder, name, 'index.js'));
    return bundle === undefined ? [] : [[name, sha256(bundle)] as const];
  });
  const { dependencies } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return {
    functions: Object.fromEntries(digests),
    lockfile: sha256(readFileSync(join(REPOSITORY, 'package-lock.json'))),
    packages: Object.fromEntries(NATIVE_PACKAGES.map((name) => [name, dependencies[name] ?? 'absent'])),
  };
};

const bundlesIn = (outputFolder: string, built: ReadonlySet<string>): Bundles => ({
  folderOf: (name) => {
    if (!built.has(name)) throw new InvalidRequestError(`functions/${name} does not exist, but a stack deploys it`);
    return join(outputFolder, name);
  },
});

export const writeFile = (path: string, contents: string | Uint8Array): void => {
  mkdirSync(join(path, '..'), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
};
