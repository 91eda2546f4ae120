import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../story/synthesise.ts';
import { buildPlanted } from './planted-bundles.ts';
import type { Plant } from './plants.ts';
import { type Revision, reviseAssembly } from './revise-assembly.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';

/** Folders in `models/` from which assemblies are made. */
export type ModelSet = Scenario['models'] | 'exact';

/** The assemblies of scenarios, on disk: processes share them. */
export interface Assemblies {
  readonly byModels: Readonly<Partial<Record<ModelSet, string>>>;
  readonly revised: string;
  remove(): Promise<void>;
}

const MODELS = join(import.meta.dirname, 'models');

/** A deployment that brings other code: a comment is enough. */
export const NEW_CODE: Revision = {
  functions: /-infer-(?!composition$)/,
  revise: (bundle) => `${bundle}\n// revised\n`,
};

/** What was made before a run, for runs that share it. */
export interface GivenBuild {
  /** The folder of functions that were built before. @default they are built anew */
  readonly bundles?: string | undefined;
  /**
   * Synthesises the app with the models in a folder. @returns the assembly's folder, which others may share.
   * @param bundles functions with bugs in them.
   * @default a process for each assembly
   */
  readonly synthesise?: ((models: string, bundles?: string) => Promise<string>) | undefined;
}

/** A run may also be given bugs that are put into the functions, each into others. */
export interface GivenBundles extends GivenBuild {
  readonly plants?: readonly Plant[];
}

/** The functions to synthesise with; undefined has them built. */
const bundlesOf = async (folder: string, { plants = [], bundles }: GivenBundles): Promise<string | undefined> => {
  if (plants.length === 0) return bundles;
  const outputFolder = join(folder, 'planted');
  await buildPlanted(plants, { ...(bundles === undefined ? {} : { from: bundles }), outputFolder });
  return outputFolder;
};

/** Synthesises the app with sets of models, into a folder or where the given synthesis does. */
export const assembleSets = async <Set extends string>(
  folder: string,
  sets: readonly Set[],
  given: GivenBundles,
): Promise<Readonly<Record<Set, string>>> => {
  const bundles = await bundlesOf(folder, given);
  const assembleSet = async (set: Set): Promise<readonly [Set, string]> => {
    const models = join(MODELS, set);
    if (given.synthesise) return [set, await given.synthesise(models, bundles === given.bundles ? undefined : bundles)];
    const outputFolder = join(folder, set, 'cdk.out');
    await synthesise('local', outputFolder, { models, ...(bundles ? { bundles } : {}) });
    return [set, outputFolder];
  };
  return Object.fromEntries(await Promise.all(sets.map(assembleSet))) as Record<Set, string>;
};

/**
 * Synthesises the app once for each set of models that the scenarios need.
 * @param given `also`: sets that none of them needs.
 */
export const prepareAssemblies = async (
  scenarios: readonly ScenarioName[],
  given: GivenBundles & { readonly also?: readonly ModelSet[] } = {},
): Promise<Assemblies> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
  const ofScenarios: readonly ModelSet[] = scenarios.map((name) => SCENARIOS[name].models);
  const sets = [...new Set([...ofScenarios, ...(given.also ?? [])])];
  const byModels: Assemblies['byModels'] = await assembleSets(folder, sets, given);
  const revised = join(folder, 'revised');
  if (byModels.uploads !== undefined) reviseAssembly(byModels.uploads, revised, NEW_CODE);
  return { byModels, revised, remove: () => rm(folder, { recursive: true, force: true }) };
};
