import type { BenchRow } from '../bench-row.ts';
import { createTableWrites, TABLE_WRITES } from '../table-writes.ts';
import { startTracking } from '../tracking-client.ts';

const CLIENTS = 8;
const CALLS = 2_000;

/** Eight clients, each with a run of its own: one point a call, through gateway, authoriser, function and table. */
export const row: BenchRow = {
  name: 'tracking/log-metric',
  unit: 'calls/s',
  betterIs: 'higher',
  baselineName: TABLE_WRITES,
  prepare: async () => {
    const bench = await startTracking();
    const experiment = await bench.experiment();
    const runs = await Promise.all(Array.from({ length: CLIENTS }, () => bench.run(experiment)));
    let step = 0;
    const log = (index: number): Promise<unknown> => {
      step += 1;
      const point = { key: 'loss', value: 1 / step, timestamp: 1_000_000 + step, step };
      return bench.call('POST', 'runs/log-metric', { run_id: runs[index % CLIENTS], ...point });
    };
    await bench.timed(CALLS, CLIENTS, log);
    const writes = createTableWrites(bench);
    return {
      value: async () => CALLS / (await bench.priced(CALLS, CLIENTS, log)),
      baseline: () => writes(CLIENTS),
    };
  },
};
