import type { BenchRow } from '../bench-row.ts';
import { createTableWrites, TABLE_WRITES } from '../table-writes.ts';
import { startTracking } from '../tracking-client.ts';

const CLIENTS = 8;
const CALLS = 1_000;
/** What the Python client sends of every run. */
const TAGS = Object.entries({
  'mlflow.user': 'ann',
  'mlflow.source.name': 'train.py',
  'mlflow.source.type': 'LOCAL',
  'mlflow.source.git.commit': 'b1946ac92492d2347c6235b4d2611184b1946ac9',
}).map(([key, value]) => ({ key, value }));

export const row: BenchRow = {
  name: 'tracking/create-run',
  unit: 'calls/s',
  betterIs: 'higher',
  baselineName: TABLE_WRITES,
  prepare: async () => {
    const bench = await startTracking();
    const experiment = await bench.experiment();
    const create = (): Promise<unknown> => bench.run(experiment, { user_id: 'ann', tags: TAGS });
    await bench.timed(CALLS, CLIENTS, create);
    const writes = createTableWrites(bench);
    return {
      value: async () => CALLS / (await bench.priced(CALLS, CLIENTS, create)),
      baseline: () => writes(CLIENTS),
    };
  },
};
