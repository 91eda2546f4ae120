import {
  createTableProfiler,
  decodeProfile,
  encodeProfile,
  mergeProfiles,
  type TableProfile,
} from '../../../shared/core/profiles/index.ts';
import { binsOf, type DrawnTable, drawTable } from '../../helpers/drawn-table.ts';
import type { BenchRow } from '../bench-row.ts';
import { cpuSecondsOf } from '../cpu-seconds.ts';

const SHAPE = { rowCount: 1_000, numbers: 44, categories: 6 };
const HOURS = 1_000;
/** Different ones; the others repeat them. */
const DRAWN = 125;

export const row: BenchRow = {
  name: 'monitoring/merge-1k-50',
  unit: 's CPU',
  betterIs: 'lower',
  baselineName: 'the same hours profiled again from their 1,000 rows each',
  prepare: async () => {
    const hours = Array.from({ length: DRAWN }, (_, hour) =>
      drawTable(SHAPE, { seed: hour + 1, shift: (hour % 24) / 100 }),
    );
    const bins = binsOf(hours[0] as DrawnTable);
    const stored = hours.map(({ columns, rowCount }) => {
      const profiler = createTableProfiler(bins);
      profiler.foldColumns(columns, rowCount);
      return encodeProfile(profiler.profile());
    });
    console.error(`  an hour takes ${((stored[0]?.length ?? 0) / 1_000).toFixed(1)} kB`);
    function* decoded(): Generator<TableProfile> {
      for (let hour = 0; hour < HOURS; hour += 1) yield decodeProfile(stored[hour % DRAWN] as Uint8Array, bins);
    }
    return {
      value: async () =>
        cpuSecondsOf(() => {
          mergeProfiles(bins, decoded());
        }),
      baseline: async () =>
        cpuSecondsOf(() => {
          const profiler = createTableProfiler(bins);
          for (let hour = 0; hour < HOURS; hour += 1) {
            const { columns, rowCount } = hours[hour % DRAWN] as DrawnTable;
            profiler.foldColumns(columns, rowCount);
          }
          profiler.profile();
        }),
    };
  },
};
