import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../story/synthesise.ts';
import { type Revision, reviseAssembly } from './revise-assembly.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';

/** The assemblies of scenarios, on disk: processes share them. */
export interface Assemblies {
  readonly byModels: Readonly<Partial<Record<Scenario['models'], string>>>;
  readonly revised: string;
  remove(): Promise<void>;
}

const MODELS = join(import.meta.dirname, 'models');

/** A deployment that brings other code: a comment is enough. */
const NEW_CODE: Revision = { bundleHolds: 'InferenceFailedError', revise: (bundle) => `${bundle}\n// revised\n` };

/**
 * Synthesises the app once for each set of models that the scenarios need.
 * @param given `plant`: a bug that is put into the bundles of every assembly; `bundles`: the folder of functions that
 * were built before.
 */
export const prepareAssemblies = async (
  scenarios: readonly ScenarioName[],
  { plant, bundles }: { readonly plant?: Revision; readonly bundles?: string } = {},
): Promise<Assemblies> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'));
  const sets = [...new Set(scenarios.map((name) => SCENARIOS[name].models))];
  const synthesiseSet = async (models: Scenario['models']) => {
    const outputFolder = join(folder, models, 'cdk.out');
    await synthesise('local', outputFolder, { models: join(MODELS, models), ...(bundles ? { bundles } : {}) });
    if (plant === undefined) return [models, outputFolder] as const;
    const planted = join(folder, models, 'planted');
    reviseAssembly(outputFolder, planted, plant);
    return [models, planted] as const;
  };
  const byModels: Assemblies['byModels'] = Object.fromEntries(await Promise.all(sets.map(synthesiseSet)));
  const revised = join(folder, 'revised');
  if (byModels.uploads !== undefined) reviseAssembly(byModels.uploads, revised, NEW_CODE);
  return { byModels, revised, remove: () => rm(folder, { recursive: true, force: true }) };
};
