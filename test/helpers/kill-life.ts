import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriverPlan } from './kill-driver.ts';
import { launchVictim, type Victim } from './kill-victim.ts';
import { startTestCloud, type TestCloud } from './local-cloud.ts';

/** A cloud's state that lives through one kill after the other. */
export interface Life {
  readonly stateFolder: string;
  /** Runs a cloud in another process, and kills it when the work is done or has failed. */
  withVictim(plan: Partial<DriverPlan>, work: (victim: Victim) => Promise<unknown>): Promise<void>;
  /** Kills it at a point of its life. */
  killFrozen(freeze: NonNullable<DriverPlan['freeze']>, train?: readonly string[]): Promise<void>;
  /** Brings a copy of what the last kill left up, so that the next kill finds the state as it was. */
  withSurvivor(work: (survivor: TestCloud) => Promise<void>): Promise<void>;
  end(): void;
}

export const beginLife = (
  assemblyFolder: string,
  localImages: Readonly<Record<string, readonly string[]>> = {},
): Life => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-'));
  const stateFolder = join(folder, 'life');

  const withVictim: Life['withVictim'] = async (plan, work) => {
    const victim = launchVictim({ assemblyFolder, stateFolder, localImages, train: [], driveTo: 'the end', ...plan });
    try {
      await work(victim);
    } finally {
      await victim.kill();
    }
  };
  return {
    stateFolder,
    withVictim,
    killFrozen: (freeze, train = []) => withVictim({ train, freeze }, (victim) => victim.reached('frozen')),
    async withSurvivor(work) {
      const copy = mkdtempSync(join(folder, 'copy-'));
      cpSync(stateFolder, copy, { recursive: true });
      const survivor = await startTestCloud({ assemblyFolder, stateFolder: copy, localImages });
      try {
        await work(survivor);
      } finally {
        await survivor.stop();
        rmSync(copy, { recursive: true, force: true });
      }
    },
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
};
