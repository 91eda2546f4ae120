import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../../story/synthesise.ts';
import { bundlesOf, type GivenBundles, MODELS, NEW_CODE } from '../prepare-assemblies.ts';
import { reviseAssembly } from '../revise-assembly.ts';
import type { DayStage } from './run-day.ts';

/** Synthesises what days are played on. */
export const prepareDay = async (given: GivenBundles = {}): Promise<DayStage & { remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-day-'));
  const [assemblyFolder, revisedAssemblyFolder] = [join(folder, 'cdk.out'), join(folder, 'revised')];
  const bundles = await bundlesOf(folder, given);
  await synthesise('local', assemblyFolder, { models: join(MODELS, 'day'), ...(bundles ? { bundles } : {}) });
  reviseAssembly(assemblyFolder, revisedAssemblyFolder, NEW_CODE);
  return { assemblyFolder, revisedAssemblyFolder, remove: () => rm(folder, { recursive: true, force: true }) };
};
