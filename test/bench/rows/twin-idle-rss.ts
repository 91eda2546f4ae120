import { execFileSync } from 'node:child_process';
import type { BenchRow } from '../bench-row.ts';
import { keepCloud } from '../kept-cloud.ts';

/** Idle environments are given up after 15 s. */
const IDLE_MS = 20_000;
const BARE = 'console.log(process.memoryUsage().rss / 1e6)';

export const row: BenchRow = {
  name: 'twin/idle-rss',
  unit: 'MB',
  betterIs: 'lower',
  baselineName: 'a Node process that does nothing',
  async prepare() {
    const boot = await keepCloud();
    return {
      value: async () => boot(IDLE_MS).residentMb,
      baseline: async () => Number(execFileSync(process.execPath, ['-e', BARE], { encoding: 'utf8' })),
    };
  },
};
