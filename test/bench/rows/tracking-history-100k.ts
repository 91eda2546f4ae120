import type { BenchRow } from '../bench-row.ts';
import { startTracking } from '../tracking-client.ts';

const POINTS = 100_000;
const BATCH = 1_000;
/** Of as many points as the client gets at once. */
const PAGES = 4;

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
    const read = async (pageCount: number): Promise<number> => {
      let [count, token]: [number, string | undefined] = [0, undefined];
      const seconds = await bench.priced(pageCount, 1, async () => {
        const { metrics = [], next_page_token }: Page = await page(token);
        count += metrics.length;
        token = next_page_token;
      });
      if (pageCount === PAGES && (count !== POINTS || token !== undefined)) {
        throw new Error(`${count} of ${POINTS} points came in ${PAGES} pages`);
      }
      return count / seconds;
    };
    await read(1);
    return { value: () => read(PAGES), baseline: () => read(1) };
  },
};
