import { execFileSync } from 'node:child_process';
import { type BenchRow, secondsOf } from '../bench-row.ts';
import { keepCloud } from '../kept-cloud.ts';

export const row: BenchRow = {
  name: 'twin/boot',
  unit: 's',
  betterIs: 'lower',
  baselineName: 'a Node process that does nothing (node -e 0), from its start to its end',
  async prepare() {
    const boot = await keepCloud();
    // The first one brings files into the machine's cache.
    boot(0);
    return {
      value: async () => boot(0).seconds,
      baseline: async () => secondsOf(() => execFileSync(process.execPath, ['-e', '0'])),
    };
  },
};
