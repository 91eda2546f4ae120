import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembleSets, type GivenBundles, NEW_CODE } from '../prepare-assemblies.ts';
import { reviseAssembly } from '../revise-assembly.ts';
import type { DayStage } from './run-day.ts';

/** Synthesises what days are played on. */
export const prepareDay = async (given: GivenBundles = {}): Promise<DayStage & { remove(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-day-'));
  const revisedAssemblyFolder = join(folder, 'revised');
  const { day: assemblyFolder } = await assembleSets(folder, ['day'], given);
  reviseAssembly(assemblyFolder, revisedAssemblyFolder, NEW_CODE);
  return { assemblyFolder, revisedAssemblyFolder, remove: () => rm(folder, { recursive: true, force: true }) };
};
