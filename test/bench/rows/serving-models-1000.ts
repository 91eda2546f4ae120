import { drawModelTrace, replayLeastRecentlyUsed, replayModelCache, replayOracle } from '../../helpers/model-trace.ts';
import type { BenchRow } from '../bench-row.ts';

const WARM_UP = 50_000;
const EXPONENTS = [0.8, 1, 1.2] as const;
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export const row: BenchRow = {
  name: 'serving/models-1000',
  unit: 'share of requests that find their model in memory',
  betterIs: 'higher',
  baselineName:
    'LRU on the same requests: 1,000 models of 1–20 MB, 2 GiB, mean over Zipf 0.8, 1.0 and 1.2; each, and an oracle that knows the popularities, on standard error',
  async prepare() {
    const traces = EXPONENTS.map((exponent) =>
      drawModelTrace({ modelCount: 1_000, requestCount: 150_000, exponent, budgetBytes: 2 * 2 ** 30 }),
    );
    const shares = (replay: typeof replayModelCache): number =>
      mean(
        traces.map((trace) => {
          const { hitShare, failedCount, mostTakenBytes } = replay(trace, WARM_UP);
          if (failedCount > 0 || mostTakenBytes > trace.budgetBytes) {
            throw new Error(`${failedCount} requests failed, ${mostTakenBytes} bytes were taken`);
          }
          return hitShare;
        }),
      );
    for (const [i, trace] of traces.entries()) {
      const [ours, lru, oracle] = [replayModelCache, replayLeastRecentlyUsed, replayOracle].map((replay) =>
        replay(trace, WARM_UP).hitShare.toFixed(3),
      );
      console.error(`  Zipf ${EXPONENTS[i]}: ${ours}, LRU ${lru}, oracle ${oracle}`);
    }
    return {
      value: async () => shares(replayModelCache),
      baseline: async () => shares(replayLeastRecentlyUsed),
    };
  },
};
