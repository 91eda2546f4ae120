import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble, startTestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';
import type { BootFacts } from './boot-cloud.ts';

const DRIVER = join(import.meta.dirname, 'boot-cloud.ts');

/** A cloud that put the toy model into service, as `npm start` does, and was stopped: template and state on disk. */
export const keepCloud = async (): Promise<(idleMs: number) => BootFacts> => {
  const deployment = { canarySteps: [0.5, 1], bakeMinutes: 60 };
  const assemblyFolder = await assemble([benchDefinition({ deployment })]);
  const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-kept-'));
  const test = await startTestCloud({ assemblyFolder, stateFolder });
  await test.loadToyDays(0, 14);
  await test.platform.requestTraining('toy', 'first');
  await test.until('toy is in service', async () =>
    (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
  await test.stop();

  // Each boot finds the state as it was, not what the one before made of it.
  return (idleMs) => {
    const copy = mkdtempSync(join(tmpdir(), 'millrace-boot-'));
    cpSync(stateFolder, copy, { recursive: true });
    try {
      const plan = JSON.stringify({ assemblyFolder, stateFolder: copy, idleMs });
      return JSON.parse(execFileSync(process.execPath, [DRIVER, plan], { encoding: 'utf8' })) as BootFacts;
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
};
