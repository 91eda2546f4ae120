import type { BenchRow } from '../bench-row.ts';
import { createTableWrites, TABLE_WRITES } from '../table-writes.ts';
import { startTracking } from '../tracking-client.ts';

const CLIENTS = 4;
const CALLS = 60;
const KEYS = 20;
const METRICS = 1_000;

/** A thousand points a call, fifty steps of twenty metrics; four clients, each with a run of its own. */
export const row: BenchRow = {
  name: 'tracking/log-batch-1000',
  unit: 'calls/s',
  betterIs: 'higher',
  baselineName: TABLE_WRITES,
  prepare: async () => {
    const bench = await startTracking();
    const experiment = await bench.experiment();
    const runs = await Promise.all(Array.from({ length: CLIENTS }, () => bench.run(experiment)));
    let batch = 0;
    const log = (index: number): Promise<unknown> => {
      const from = batch * (METRICS / KEYS);
      batch += 1;
      const metrics = Array.from({ length: METRICS }, (_, i) => {
        const step = from + Math.floor(i / KEYS);
        return { key: `metric-${i % KEYS}`, value: Math.sin(i + from), timestamp: 1_000_000 + step, step };
      });
      return bench.call('POST', 'runs/log-batch', { run_id: runs[index % CLIENTS], metrics });
    };
    await bench.timed(CALLS, CLIENTS, log);
    const writes = createTableWrites(bench);
    return {
      value: async () => CALLS / (await bench.priced(CALLS, CLIENTS, log)),
      baseline: () => writes(CLIENTS),
    };
  },
};
