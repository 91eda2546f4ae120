import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Denial } from '../access-denied.ts';
import { type DrillStage, playScene, type StackGrant, templateFiles } from './play-scene.ts';
import { type Template, withoutGrant } from './template-grants.ts';

/** The drill on a template that lacks one permission: it must be denied by name. */

export interface Mutation {
  readonly grant: StackGrant;
  /** The scene to play. */
  readonly scene: string;
  /** The assembly whose template has the permission. */
  readonly assemblyFolder: string;
}

export interface MutationResult {
  readonly grant: StackGrant;
  readonly found: boolean;
  /** The refusal that names the permission, or why there was none. */
  readonly evidence: string;
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, { readonly source: { readonly path: string } }>>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** The assets stay where they are: the manifest leads there. */
const withAssetsOf = (folder: string, manifest: AssetManifest): AssetManifest => ({
  ...manifest,
  files: Object.fromEntries(
    Object.entries(manifest.files ?? {}).map(([id, file]) => [
      id,
      { ...file, source: { ...file.source, path: resolve(folder, file.source.path) } },
    ]),
  ),
});

/** An assembly like another one, but for one template. */
const mutateAssembly = (from: string, to: string, grant: StackGrant): void => {
  mkdirSync(to, { recursive: true });
  const mutated = templateFiles(from)[grant.stackName];
  for (const name of readdirSync(from).filter((file) => file.endsWith('.json'))) {
    const content = readJson<object>(join(from, name));
    const withoutIt = name === mutated ? withoutGrant(content as Template, grant) : content;
    const written = name.endsWith('.assets.json') ? withAssetsOf(from, withoutIt as AssetManifest) : withoutIt;
    writeFileSync(join(to, name), JSON.stringify(written));
  }
};

/** A wildcard in the template is refused by the actions that it stood for. */
const names = (granted: string, denied: string): boolean =>
  granted.endsWith(':*') ? denied.startsWith(granted.slice(0, -1)) : granted === denied;

const refusal = ({ user, action, resource }: Denial): string => `${user} was denied ${action} on ${resource}`;

/** Removes one permission, plays the scene, and ends it at the first refusal that names the permission. */
export const tryMutation = async (stage: DrillStage, mutation: Mutation): Promise<MutationResult> => {
  const { grant, scene, assemblyFolder } = mutation;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-iam-'));
  const mutated = join(folder, 'cdk.out');
  try {
    mutateAssembly(assemblyFolder, mutated, grant);
    // What is deployed in mid-scene lacks it too.
    const revised = join(folder, 'revised');
    mutateAssembly(stage.revisedAssemblyFolder, revised, grant);
    const stopWhen = ({ action }: Denial): boolean => names(grant.action, action);
    const { denials, failure } = await playScene({ ...stage, revisedAssemblyFolder: revised }, scene, {
      assemblyFolder: mutated,
      stopWhen,
    });
    const denial = denials.find(stopWhen);
    if (denial !== undefined) return { grant, found: true, evidence: refusal(denial) };
    return { grant, found: false, evidence: failure ?? `${scene} ran as if nothing were missing` };
  } catch (error) {
    // A template that cannot be brought up names what is missing as well.
    const evidence = String(error);
    return { grant, found: evidence.includes(`perform: ${grant.action}`), evidence };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
