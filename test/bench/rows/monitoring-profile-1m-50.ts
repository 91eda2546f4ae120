import { readFileSync, writeFileSync } from 'node:fs';
import { createTableProfiler } from '../../../shared/core/profiles/index.ts';
import { binsOf, drawTable } from '../../helpers/drawn-table.ts';
import type { BenchRow } from '../bench-row.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';

const SHAPE = { rowCount: 1_000_000, numbers: 44, categories: 6 };
const REFERENCE_ROWS = 20_000;

/** Peak resident megabytes (10^6 bytes) since the last call; undefined where the system does not tell. */
const takePeakMb = (): number | undefined => {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    // 5 sets the peak back to what is held now.
    writeFileSync('/proc/self/clear_refs', '5');
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1_024) / 1e6;
  } catch {
    return undefined;
  }
};

export const row: BenchRow = {
  name: 'monitoring/profile-1m-50',
  unit: 's CPU',
  betterIs: 'lower',
  baselineName: "the engine's sort of the same number columns, which exact ranks take",
  prepare: async () => {
    const bins = binsOf(drawTable({ ...SHAPE, rowCount: REFERENCE_ROWS }, { seed: 1 }));
    const { columns, rowCount } = drawTable(SHAPE, { seed: 2, shift: 0.05 });
    const numbers = [...columns.values()].filter((column) => column instanceof Float64Array);
    return {
      value: async () => {
        takePeakMb();
        const before = process.memoryUsage.rss() / 1e6;
        const seconds = cpuSecondsOf(() => {
          const profiler = createTableProfiler(bins);
          profiler.foldColumns(columns, rowCount);
          profiler.profile();
        });
        const peak = takePeakMb();
        if (peak !== undefined) console.error(`  peak ${(peak - before).toFixed(0)} MB above the columns`);
        return seconds;
      },
      baseline: async () =>
        cpuSecondsOf(() => {
          for (const column of numbers) column.slice().sort();
        }),
    };
  },
};
