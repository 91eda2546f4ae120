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

export const MODELS = join(import.meta.dirname, 'models');

/** A deployment that brings other code: a comment is enough. */
export const NEW_CODE: Revision = {
  functions: /-infer-(?!composition$)/,
  revise: (bundle) => `${bundle}\n// revised\n`,
};

/** What a run may be given: bugs that are put into the functions, each into others, and the folder of functions that were built before. */
export interface GivenBundles {
  readonly plants?: readonly Plant[];
  readonly bundles?: string | undefined;
}

/** The functions to synthesise with; undefined has them built. */
export const bundlesOf = async (
  folder: string,
  { plants = [], bundles }: GivenBundles,
): Promise<string | undefined> => {
  if (plants.length === 0) return bundles;
  const outputFolder = join(folder, 'planted');
  await buildPlanted(plants, { ...(bundles === undefined ? {} : { from: bundles }), outputFolder });
  return outputFolder;
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
  const bundles = await bundlesOf(folder, given);
  const synthesiseSet = async (models: ModelSet) => {
    const outputFolder = join(folder, models, 'cdk.out');
    await synthesise('local', outputFolder, { models: join(MODELS, models), ...(bundles ? { bundles } : {}) });
    return [models, outputFolder] as const;
  };
  const byModels: Assemblies['byModels'] = Object.fromEntries(await Promise.all(sets.map(synthesiseSet)));
  const revised = join(folder, 'revised');
  if (byModels.uploads !== undefined) reviseAssembly(byModels.uploads, revised, NEW_CODE);
  return { byModels, revised, remove: () => rm(folder, { recursive: true, force: true }) };
};
