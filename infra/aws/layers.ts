import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidRequestError, UnavailableError } from '../../shared/kernel/errors.ts';
import type { StageConfig } from './config.ts';
import integrities from './native-packages.json' with { type: 'json' };

const NODE_MODULES = join(import.meta.dirname, '../../node_modules');
const CACHE = join(NODE_MODULES, '.cache/millrace');

export type LayerName = 'onnxruntime' | 'duckdb';
type Cpu = 'arm64' | 'x64';

/** What a layer takes from installed packages: whole, or the listed files of it. */
const ONNXRUNTIME_FILES = (cpu: Cpu): Readonly<Record<string, readonly string[]>> => ({
  'onnxruntime-node': ['package.json', 'dist', `bin/napi-v6/linux/${cpu}`],
  'onnxruntime-common': ['package.json', 'dist/cjs'],
});
const DUCKDB_FILES: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['package.json', 'LICENSE', 'lib'],
  '@duckdb/node-bindings': ['package.json', 'duckdb.js'],
  'detect-libc': ['package.json', 'LICENSE', 'lib'],
};

/**
 * Builds the folder of a layer, `nodejs/node_modules/…` for Linux and the stage's architecture. A stage with marker
 * layers gets a note instead: the embedded cloud loads the host's libraries from node_modules, and need not copy
 * 130 MB or fetch another platform's binary that nothing would run.
 * @throws UnavailableError when a package for another platform is neither installed nor cached nor to be fetched.
 */
export const buildLayer = (
  layer: LayerName,
  stage: Pick<StageConfig, 'architecture' | 'nativeLayers'>,
  outputFolder: string,
): string => {
  const cpu = stage.architecture === 'arm64' ? 'arm64' : 'x64';
  const folder = join(outputFolder, stage.nativeLayers === 'marker' ? `${layer}-marker` : `${layer}-linux-${cpu}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (stage.nativeLayers === 'marker') {
    writeFileSync(
      join(folder, 'README.md'),
      `The layer ${layer} of a local stage is empty: the embedded cloud loads the library from node_modules.\n`,
    );
    return folder;
  }
  const modules = join(folder, 'nodejs/node_modules');
  if (layer === 'onnxruntime') {
    copyPackages(ONNXRUNTIME_FILES(cpu), modules);
    return folder;
  }
  copyPackages(DUCKDB_FILES, modules);
  const version = (readJson(join(NODE_MODULES, '@duckdb/node-bindings/package.json')) as { version: string }).version;
  const bindings = `@duckdb/node-bindings-linux-${cpu}`;
  cpSync(nativePackage(bindings, version), join(modules, bindings), { recursive: true });
  return folder;
};

const copyPackages = (files: Readonly<Record<string, readonly string[]>>, target: string): void => {
  for (const [name, paths] of Object.entries(files)) {
    for (const path of paths) {
      const source = join(NODE_MODULES, name, path);
      if (!existsSync(source)) {
        throw new InvalidRequestError(`layer needs node_modules/${name}/${path}, which is not installed: run npm ci`);
      }
      cpSync(source, join(target, name, path), { recursive: true, filter: isRun });
    }
  }
};

/** Types and source maps are for those who write code. */
const isRun = (path: string): boolean => !/\.(map|d\.ts)$/.test(path);

/** The folder of a package for another platform: installed, cached, or fetched from the registry and verified. */
const nativePackage = (name: string, version: string): string => {
  const installed = join(NODE_MODULES, name);
  if (existsSync(join(installed, 'package.json'))) return installed;
  const cached = join(CACHE, `${name}@${version}`);
  if (existsSync(cached)) return cached;
  return fetchPackage(`${name}@${version}`, cached);
};

const fetchPackage = (specifier: string, target: string): string => {
  const expected = (integrities as Readonly<Record<string, string>>)[specifier];
  if (expected === undefined) {
    throw new InvalidRequestError(
      `no integrity is pinned for ${specifier}: add its dist.integrity to infra/aws/native-packages.json`,
    );
  }
  const work = `${target}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    const tarball = join(work, packFile(specifier, work));
    const actual = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (actual !== expected) {
      throw new InvalidRequestError(
        `${specifier} has integrity ${actual}, must be ${expected} (infra/aws/native-packages.json)`,
      );
    }
    execFileSync('tar', ['-xzf', tarball, '-C', work]);
    mkdirSync(dirname(target), { recursive: true });
    // Another synthesis may have brought the same bytes meanwhile.
    if (!existsSync(target)) renameSync(join(work, 'package'), target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
};

/** `npm pack` rather than a plain download: it goes by the user's registry, proxy and credentials. */
const packFile = (specifier: string, folder: string): string => {
  try {
    const output = execFileSync(
      'npm',
      ['pack', specifier, '--pack-destination', folder, '--ignore-scripts', '--json'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: process.platform === 'win32',
      },
    );
    const [packed] = JSON.parse(output) as readonly { readonly filename: string }[];
    if (packed === undefined) throw new UnavailableError(`npm pack ${specifier} gave no file`);
    return packed.filename.replace('@', '').replace('/', '-');
  } catch (cause) {
    throw new UnavailableError(
      `could not fetch ${specifier} for the layer duckdb: it is not installed on this platform and npm could not reach ` +
        'the registry; connect once, or set the architecture of this host in infra/aws/config.ts',
      { cause },
    );
  }
};

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
