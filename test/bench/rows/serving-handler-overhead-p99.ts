import type { BenchRow } from '../bench-row.ts';
import { openInferenceCalls, quantile } from '../inference-calls.ts';
import { makeTrees } from '../serving-model.ts';

const SHARE = 0.99;

export const row: BenchRow = {
  name: 'serving/handler-overhead/p99',
  unit: 'µs',
  betterIs: 'lower',
  baselineName:
    'the model itself (200 trees, 14 features, one row), p99; the value is the p99 of the whole handler, from the raw event to the response object, less that of the model, with the capture described and encoded but put nowhere (see serving/capture-put)',
  prepare: async () => {
    const calls = await openInferenceCalls(makeTrees(), {
      put: async (records) => void JSON.stringify(records),
    });
    await calls.handler();
    const baseline = async () => quantile(calls.model(), SHARE);
    return { value: async () => quantile(await calls.handler(), SHARE) - (await baseline()), baseline };
  },
};
