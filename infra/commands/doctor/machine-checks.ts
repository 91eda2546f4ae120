import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageConfig } from '../../aws/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** What is looked at on the machine that deploys. */

const readVersion = (folder: string): string | undefined => {
  const file = join(folder, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined;
};

const LEAST_NODE = [20, 19] as const;

export const checkNode = (version: string): Finding => {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  if (isEnough) return ok('Node', version);
  return fail(
    'Node',
    `${version}, ${LEAST_NODE.join('.')} or later is needed`,
    'install Node 24, which Lambda runs too',
  );
};

/** Another CLI than the pinned one may not read the assembly that the pinned library writes. */
export const checkCdk = (root: string): Finding => {
  const check = 'CDK CLI';
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  const pinned = devDependencies['aws-cdk'] ?? '?';
  const installed = readVersion(join(root, 'node_modules/aws-cdk'));
  if (installed === pinned) return ok(check, installed);
  return fail(check, `${installed ?? 'none'} is installed, ${pinned} is pinned`, 'npm ci');
};

/** The layer of the stage's architecture holds a binary for Linux, which no other machine installs by itself. */
export const checkNativeLayer = (root: string, { architecture }: Pick<StageConfig, 'architecture'>): Finding => {
  const check = 'native layer';
  const cpu = architecture === 'arm64' ? 'arm64' : 'x64';
  const name = `@duckdb/node-bindings-linux-${cpu}`;
  const version = readVersion(join(root, 'node_modules/@duckdb/node-bindings'));
  if (version === undefined) return fail(check, 'DuckDB is not installed', 'npm ci');
  const places = [join(root, 'node_modules', name), join(root, 'node_modules/.cache/millrace', `${name}@${version}`)];
  if (places.some((place) => readVersion(place) === version)) return ok(check, `${name} ${version}`);
  return warn(
    check,
    `${name} ${version} is not here yet`,
    'the first synthesis of a deployable stage fetches it from the npm registry and verifies it: be online then',
  );
};
