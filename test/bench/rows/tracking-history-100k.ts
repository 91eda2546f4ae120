import type { BenchRow } from '../bench-row.ts';
import { startTracking } from '../tracking-client.ts';

const POINTS = 100_000;
const BATCH = 1_000;

interface Page {
  readonly metrics?: readonly unknown[];
  readonly next_page_token?: string;
}

/** The whole history of one metric of one run, page after page, as the client reads it; beside it the first page alone. */
export const row: BenchRow = {
  name: 'tracking/history-100k',
  unit: 'points/s',
  betterIs: 'higher',
  baselineName: 'the first page alone, points a second',
  prepare: async () => {
    const bench = await startTracking();
    const run_id = await bench.run(await bench.experiment());
    for (let from = 0; from < POINTS; from += BATCH) {
      const metrics = Array.from({ length: BATCH }, (_, i) => {
        const step = from + i;
        return { key: 'loss', value: 1 / (step + 1), timestamp: 1_000_000 + step, step };
      });
      await bench.call('POST', 'runs/log-batch', { run_id, metrics });
    }
    const page = (token?: string): Promise<Page> =>
      bench.call('GET', 'metrics/get-history', { run_id, metric_key: 'loss', ...(token && { page_token: token }) });
    const read = async (mostPages: number): Promise<number> => {
      const startMs = performance.now();
      let [count, token]: [number, string | undefined] = [0, undefined];
      for (let pages = 0; pages < mostPages; pages += 1) {
        const { metrics = [], next_page_token }: Page = await page(token);
        count += metrics.length;
        token = next_page_token;
        if (token === undefined) break;
      }
      if (mostPages === Number.POSITIVE_INFINITY && count !== POINTS)
        throw new Error(`${count} of ${POINTS} points came`);
      return count / ((performance.now() - startMs) / 1_000);
    };
    await read(1);
    return { value: () => read(Number.POSITIVE_INFINITY), baseline: () => read(1) };
  },
};
