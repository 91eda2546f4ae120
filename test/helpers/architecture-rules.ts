import { posix } from 'node:path';

/**
 * Who may import whom, as one table. A source file belongs to the first layer whose `of` matches its path; each of its
 * imports must be allowed by the layer. Anything not listed is forbidden, `import type` included.
 */

export interface SourceFile {
  /** Path from the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

interface Layer {
  readonly name: string;
  readonly of: RegExp;
  /** Allowed targets inside the repository; `$1` stands for the layer's own first capture (its capability or folder). */
  readonly inside: readonly string[];
  /** Allowed targets when imported by `import type` only. */
  readonly insideTypes?: readonly string[];
  /** Allowed packages; `node:` stands for Node's own modules. */
  readonly packages: RegExp;
  /** Text that must not occur. */
  readonly forbidden?: RegExp;
}

const AMBIENT = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.env\b/;
const NONE = /^$/;

const ADAPTER_PACKAGES: Readonly<Record<string, RegExp>> = {
  cloudwatch: /^@aws-sdk\/client-cloudwatch$/,
  duckdb: /^@duckdb\/node-api$|^node:/,
  dynamodb: /^@aws-sdk\/(client|util)-dynamodb$|^node:/,
  ecs: /^@aws-sdk\/client-(ecs|elastic-load-balancing-v2)$|^node:/,
  events: /^@aws-sdk\/client-eventbridge$/,
  firehose: /^@aws-sdk\/client-firehose$|^node:/,
  lambda: /^@aws-sdk\/client-lambda$/,
  memory: /^node:/,
  onnx: /^onnxruntime-node(\/dist\/binding\.js)?$/,
  s3: /^@aws-sdk\/client-s3$|^node:/,
  scheduler: /^@aws-sdk\/client-scheduler$/,
  sigv4: /^node:/,
  sns: /^@aws-sdk\/client-sns$/,
  states: /^@aws-sdk\/client-sfn$/,
};

const LAYERS: readonly Layer[] = [
  { name: 'kernel', of: /^shared\/kernel\//, inside: ['shared/kernel/'], packages: NONE, forbidden: AMBIENT },
  {
    name: 'core',
    of: /^shared\/core\/([^/]+)\//,
    inside: ['shared/kernel/', 'shared/core/$1/', 'shared/core/statistics/', 'shared/core/*/index.ts'],
    packages: NONE,
    forbidden: AMBIENT,
  },
  {
    name: 'contracts',
    of: /^shared\/contracts\//,
    inside: ['shared/kernel/', 'shared/contracts/'],
    packages: /^valibot$/,
  },
  {
    name: 'ports',
    of: /^shared\/ports\//,
    inside: ['shared/kernel/', 'shared/ports/'],
    insideTypes: ['shared/core/*/index.ts'],
    packages: NONE,
  },
  {
    name: 'http',
    of: /^shared\/http\//,
    inside: ['shared/kernel/', 'shared/contracts/', 'shared/http/'],
    packages: /^valibot$|^node:/,
  },
  {
    name: 'adapters',
    of: /^shared\/adapters\/([^/]+)\//,
    inside: ['shared/kernel/', 'shared/contracts/', 'shared/ports/', 'shared/adapters/$1/'],
    insideTypes: ['shared/core/*/index.ts'],
    packages: NONE,
  },
  {
    name: 'functions',
    of: /^functions\/([^/]+)\//,
    inside: ['shared/', 'functions/$1/'],
    packages: /^valibot$|^node:/,
  },
  {
    name: 'models',
    of: /^models\/([^/]+)\//,
    inside: ['shared/core/', 'shared/contracts/', 'models/$1/'],
    packages: /^node:/,
  },
  {
    name: 'infra/aws',
    of: /^infra\/aws\//,
    inside: ['infra/aws/', 'models/', 'shared/contracts/', 'shared/kernel/'],
    packages: /^aws-cdk-lib(\/|$)|^constructs$|^cdk-nag$|^esbuild$|^node:/,
  },
  {
    name: 'operator commands',
    of: /^infra\/commands\//,
    inside: ['infra/commands/', 'infra/aws/', 'models/', 'shared/'],
    packages: /^@aws-sdk\/client-|^aws-cdk-lib(\/|$)|^node:/,
  },
  {
    name: 'infra/local',
    of: /^infra\/local\//,
    inside: ['infra/local/', 'infra/commands/', 'shared/', 'models/'],
    packages: /^@aws-sdk\/client-|^@smithy\/|^jsonata$|^node:/,
  },
  { name: 'test', of: /^test\//, inside: [''], packages: /./ },
  { name: 'root configuration', of: /^[^/]+\.config\.ts$/, inside: ['test/'], packages: /^vitest\/config$|^node:fs$/ },
];

const IMPORT =
  /^(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/gm;

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const importsOf = (text: string): readonly Import[] =>
  [...text.matchAll(IMPORT)].map((match) => ({
    specifier: match[1] ?? match[2] ?? match[3] ?? '',
    typeOnly: /^(?:import|export)\s+type\b/.test(match[0]),
  }));

const matchesTarget = (pattern: string, target: string): boolean =>
  pattern.includes('*')
    ? new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]+')}$`).test(target)
    : target.startsWith(pattern);

const packagesOf = (layer: Layer, capture: string): RegExp =>
  layer.name === 'adapters' ? (ADAPTER_PACKAGES[capture] ?? NONE) : layer.packages;

const importViolation = (file: SourceFile, layer: Layer, capture: string, found: Import): string | undefined => {
  const refusal = `${file.path}: ${layer.name} must not import ${found.specifier}`;
  if (!found.specifier.startsWith('.')) {
    return packagesOf(layer, capture).test(found.specifier) ? undefined : refusal;
  }
  const target = posix.normalize(posix.join(posix.dirname(file.path), found.specifier));
  const allowed = [...layer.inside, ...(found.typeOnly ? (layer.insideTypes ?? []) : [])];
  return allowed.some((pattern) => matchesTarget(pattern.replace('$1', capture), target)) ? undefined : refusal;
};

/** Every breach of the table in one file, as sentences; a file outside every layer is a breach too. */
export const violationsOf = (file: SourceFile): readonly string[] => {
  const layer = LAYERS.find(({ of }) => of.test(file.path));
  if (layer === undefined) return [`${file.path}: belongs to no layer; new places need the owner's consent`];
  const capture = layer.of.exec(file.path)?.[1] ?? '';
  const breaches = importsOf(file.text).map((found) => importViolation(file, layer, capture, found));
  const ambient = layer.forbidden?.exec(file.text);
  if (ambient) breaches.push(`${file.path}: ${layer.name} must not use ${ambient[0]}`);
  return breaches.filter((breach) => breach !== undefined);
};

/** Folders that may stand at the top of the repository. */
export const TOP_LEVEL_FOLDERS = [
  '.ci',
  'docs',
  'functions',
  'infra',
  'models',
  'shared',
  'state-machines',
  'test',
] as const;
