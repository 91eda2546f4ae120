import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AwsError } from '../contracts.ts';
import { readTemplate, type Template } from './template.ts';

/** One stack of a synthesised CDK app. */
export interface AssemblyStack {
  readonly stackName: string;
  readonly template: Template;
  /** The template as it was synthesised: JSON text. */
  readonly templateBody?: string;
  readonly description?: string;
  readonly terminationProtection?: boolean;
}

export interface Assembly {
  /** Each stack after those it depends on. */
  readonly stacks: readonly AssemblyStack[];
  /** Where an asset lies, by the object key under which CDK would upload it. */
  assetPath(objectKey: string): string | undefined;
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly terminationProtection?: boolean;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

const STACK = 'aws:cloudformation:stack';
const ASSETS = 'cdk:asset-manifest';
const NO_EFFECT = new Set(['cdk:tree', 'cdk:feature-flag-report', ASSETS, STACK]);

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

const inDependencyOrder = (artifacts: Readonly<Record<string, Artifact>>): readonly string[] => {
  const order = new Set<string>();
  const visit = (id: string): void => {
    if (order.has(id)) return;
    for (const dependency of artifacts[id]?.dependencies ?? []) visit(dependency);
    order.add(id);
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return [...order];
};

const readAssets = (folder: string, artifacts: readonly Artifact[]): ReadonlyMap<string, string> => {
  const paths = new Map<string, string>();
  for (const { type, properties } of artifacts) {
    if (type !== ASSETS) continue;
    const manifest = readJson<AssetManifest>(join(folder, properties?.file ?? ''));
    const image = Object.keys(manifest.dockerImages ?? {})[0];
    if (image !== undefined)
      throw new AwsError('UnsupportedTemplate', `Docker image asset ${image} is not supported by the embedded cloud`);
    for (const { source, destinations } of Object.values(manifest.files ?? {})) {
      for (const { objectKey } of Object.values(destinations)) paths.set(objectKey, resolve(folder, source.path ?? ''));
    }
  }
  return paths;
};

/** Reads `cdk.out`. @throws AwsError UnsupportedTemplate for artifacts that it does not know. */
export const readAssembly = (folder: string): Assembly => {
  const { artifacts } = readJson<{ artifacts: Readonly<Record<string, Artifact>> }>(join(folder, 'manifest.json'));
  const unknown = Object.values(artifacts).find(({ type }) => !NO_EFFECT.has(type));
  if (unknown)
    throw new AwsError(
      'UnsupportedTemplate',
      `artifacts of type ${unknown.type} are not supported by the embedded cloud`,
    );
  const assets = readAssets(folder, Object.values(artifacts));
  const stacks = inDependencyOrder(artifacts).flatMap((id): readonly AssemblyStack[] => {
    const artifact = artifacts[id];
    if (artifact?.type !== STACK) return [];
    const stackName = artifact.properties?.stackName ?? id;
    const body = readJson<Readonly<Record<string, unknown>>>(join(folder, artifact.properties?.templateFile ?? ''));
    const { Description: description } = body;
    return [
      {
        stackName,
        template: readTemplate(stackName, body),
        templateBody: JSON.stringify(body),
        ...(typeof description === 'string' ? { description } : {}),
        terminationProtection: artifact.properties?.terminationProtection ?? false,
      },
    ];
  });
  return { stacks, assetPath: (objectKey) => assets.get(objectKey) };
};
