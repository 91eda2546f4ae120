import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createTrackingStore } from '../../shared/adapters/dynamodb/tracking/tracking-store.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { aRun, point } from '../helpers/tracked-runs.ts';
import type { BenchRow } from './bench-row.ts';
import { percentile } from './percentiles.ts';
import { startTracking, type TrackingBench } from './tracking-client.ts';

const SEARCHES = 40;
const CLIENTS = 16;
/** A generator of its own, so that every measurement searches the same runs: https://en.wikipedia.org/wiki/Xorshift */
const randomOf = (seed: number) => {
  let state = seed;
  return (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
};

/** Puts ended runs into the table, by the store that the API has: a tenth of what the calls of a client would take. */
const createRuns = async ({ aws, timed }: TrackingBench, experimentId: string, runCount: number): Promise<void> => {
  const store = createTrackingStore({
    client: new DynamoDBClient({
      endpoint: aws.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
    table: aws.table,
    values: createMemoryArtifactStore(),
    workspace: 'default',
    clock: { nowMs: () => Date.now() },
  });
  const random = randomOf(7);
  await timed(runCount, CLIENTS, async (index) => {
    const metrics = ['accuracy', 'loss'].map((key) => [key, point(key, random())] as const);
    const run = aRun(`${experimentId}${index.toString(16).padStart(12, '0')}`.padStart(32, '0').slice(-32), {
      info: { experimentId, status: 'FINISHED', startTimeMs: 1_000_000 + index, endTimeMs: 2_000_000 },
      metrics: Object.fromEntries(metrics),
      params: { optimizer: random() < 0.9 ? 'adam' : 'sgd', depth: String(Math.floor(random() * 8)) },
    });
    await store.createRun(run);
  });
};

/**
 * A search by metric and param, ordered by another metric, a hundred runs a page: the median of forty, in milliseconds,
 * beside the same search in the order of time. Half the runs match.
 */
export const searchRow = (runCount: number): BenchRow => ({
  name: `tracking/search-${runCount}`,
  unit: 'ms (median)',
  betterIs: 'lower',
  baselineName: 'the same filter in the order of time, ms (median)',
  prepare: async () => {
    const bench = await startTracking();
    const experiment = await bench.experiment();
    await createRuns(bench, experiment, runCount);
    const search = async (order: string): Promise<number> => {
      const times: number[] = [];
      console.error(`by ${order}:`);
      await bench.priced(SEARCHES, 1, async () => {
        const startMs = performance.now();
        const { runs = [] }: { runs?: readonly unknown[] } = await bench.call('POST', 'runs/search', {
          experiment_ids: [experiment],
          filter: "metrics.accuracy > 0.45 and params.optimizer = 'adam'",
          order_by: [order],
          max_results: 100,
        });
        times.push(performance.now() - startMs);
        if (runs.length !== 100) throw new Error(`a page of 100 has ${runs.length} runs`);
      });
      return percentile(times, 0.5);
    };
    await search('metrics.loss DESC');
    return { value: () => search('metrics.loss DESC'), baseline: () => search('attributes.start_time DESC') };
  },
});
