import type { BenchRow } from '../bench-row.ts';
import { launchCloud, launchDynalite, openTable } from '../dynamodb-bench.ts';

const COUNT = 1_500;

export const row: BenchRow = {
  name: 'twin/dynamodb-sdk-gets',
  unit: 'gets/s',
  betterIs: 'higher',
  baselineName: 'dynalite 4 in memory, the same calls by the same SDK client; ours are on disk',
  async prepare() {
    const cloud = await openTable(await launchCloud());
    const dynalite = await openTable(await launchDynalite());
    await cloud.puts(COUNT);
    await dynalite.puts(COUNT);
    return { value: () => cloud.gets(COUNT), baseline: () => dynalite.gets(COUNT) };
  },
};
