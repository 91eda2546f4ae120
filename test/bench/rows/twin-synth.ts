import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildFunctions } from '../../../infra/aws/build.ts';
import { synthesise } from '../../../infra/local/story/synthesise.ts';
import type { BenchRow } from '../bench-row.ts';

const inNewFolder = async (work: (folder: string) => Promise<unknown>): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-synth-'));
  const startMs = performance.now();
  try {
    await work(folder);
    return (performance.now() - startMs) / 1_000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const row: BenchRow = {
  name: 'twin/synth',
  unit: 's',
  betterIs: 'lower',
  baselineName: 'bundling the functions alone, which every synthesis has to do',
  async prepare() {
    const bundle = (outputFolder: string) => buildFunctions({ outputFolder, definitionsJson: '{}' });
    // The first one brings files into the machine's cache.
    await inNewFolder((folder) => synthesise('local', folder));
    return {
      value: () => inNewFolder((folder) => synthesise('local', folder)),
      baseline: () => inNewFolder(bundle),
    };
  },
};
