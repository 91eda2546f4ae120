import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { serialiseDefinitions } from '../../infra/aws/models.ts';
import { serialiseCompositions } from '../../shared/contracts/compositions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { builtFunctions } from './built-functions.ts';
import { folderOf } from './proofs/cause-graph.ts';

/**
 * The templates of an earlier release, as they were synthesised then, made into an assembly that the embedded cloud can
 * deploy. Its functions are today's: bundles of a release weigh megabytes, so what is tried is the way of templates,
 * resources and stored items from one release to the next, not old code beside new.
 */

interface RecordedRelease {
  readonly stacks: readonly {
    readonly stackName: string;
    readonly dependencies: readonly string[];
    readonly template: { readonly Resources: Readonly<Record<string, RecordedResource>> };
  }[];
}

interface RecordedResource {
  readonly Type: string;
  readonly Properties?: {
    readonly FunctionName?: string;
    readonly Code?: { readonly S3Key: string };
    readonly Content?: { readonly S3Key: string };
  };
}

const RELEASES = join(import.meta.dirname, '../reference/releases');

const readRelease = (version: string): RecordedRelease =>
  JSON.parse(gunzipSync(readFileSync(join(RELEASES, version, 'assembly.json.gz'))).toString()) as RecordedRelease;

/** Items of the registry table as that release wrote them, in DynamoDB's own form. */
export const recordedItems = <T>(version: string): readonly T[] =>
  JSON.parse(readFileSync(join(RELEASES, version, 'registry-items.json'), 'utf8')) as readonly T[];

/** @returns the folder of the assembly. */
export const assembleRelease = async (version: string, definitions: readonly ModelDefinition[]): Promise<string> => {
  const { stacks } = readRelease(version);
  const folder = mkdtempSync(join(tmpdir(), `millrace-release-${version}-`));
  const bundles = await builtFunctions(join(folder, 'build'), {
    definitionsJson: serialiseDefinitions(definitions),
    compositionsJson: serialiseCompositions([]),
  });
  const layer = join(folder, 'layer');
  mkdirSync(layer);
  const files: Record<string, object> = {};
  for (const { Properties = {} } of stacks.flatMap(({ template }) => Object.values(template.Resources))) {
    const { FunctionName, Code, Content } = Properties;
    const objectKey = Code?.S3Key ?? Content?.S3Key;
    if (objectKey === undefined) continue;
    const path = FunctionName === undefined ? layer : bundles.folderOf(folderOf(FunctionName));
    files[objectKey] = { source: { path }, destinations: { here: { objectKey } } };
  }
  const write = (name: string, value: unknown): void => writeFileSync(join(folder, name), JSON.stringify(value));
  write('assets.json', { files });
  for (const { stackName, template } of stacks) write(`${stackName}.template.json`, template);
  const stackArtifacts = stacks.map(({ stackName, dependencies }) => [
    stackName,
    {
      type: 'aws:cloudformation:stack',
      dependencies,
      properties: { templateFile: `${stackName}.template.json`, terminationProtection: false },
    },
  ]);
  write('manifest.json', {
    artifacts: {
      assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
      ...Object.fromEntries(stackArtifacts),
    },
  });
  return folder;
};
