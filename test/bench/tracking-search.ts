import type { BenchRow } from './bench-row.ts';
import { startTracking } from './tracking-client.ts';

const SEARCHES = 40;
const CLIENTS = 8;
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

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;

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
    const random = randomOf(7);
    await bench.timed(runCount, CLIENTS, async () => {
      const metrics = ['accuracy', 'loss'].map((key) => ({ key, value: random(), timestamp: 1_000, step: 1 }));
      const params = [
        { key: 'optimizer', value: random() < 0.9 ? 'adam' : 'sgd' },
        { key: 'depth', value: String(Math.floor(random() * 8)) },
      ];
      const run_id = await bench.run(experiment);
      await bench.call('POST', 'runs/log-batch', { run_id, metrics, params });
      await bench.call('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 2_000_000 });
    });
    const search = async (order: string): Promise<number> => {
      const times: number[] = [];
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
      const sorted = times.toSorted((a, b) => a - b);
      console.error(
        `${order}: p50 ${percentile(sorted, 0.5).toFixed(1)} ms, p99 ${percentile(sorted, 0.99).toFixed(1)} ms`,
      );
      return percentile(sorted, 0.5);
    };
    await search('metrics.loss DESC');
    return { value: () => search('metrics.loss DESC'), baseline: () => search('attributes.start_time DESC') };
  },
});
