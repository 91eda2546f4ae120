import { InferenceSession, Tensor } from 'onnxruntime-node';
import { modelFolder } from '../../helpers/model-server.ts';
import type { BenchRow } from '../bench-row.ts';
import { measureLoad, requireWrk, startPlatform } from '../http-load.ts';
import { makeTransformer, TOKEN_COUNT } from '../transformer-model.ts';

const CONNECTIONS = 4;
const SECONDS = 5;
const tokens = Array.from({ length: TOKEN_COUNT }, (_, i) => (i * 251) % 8_000);

export const row: BenchRow = {
  name: 'serving/http/transformer',
  unit: 'inferences/s',
  betterIs: 'higher',
  baselineName: 'onnxruntime-node alone: the same rows one after another on one core, no server, no JSON',
  async prepare() {
    requireWrk();
    const bytes = makeTransformer();
    const folder = modelFolder({ encoder: bytes });
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const feeds = { tokens: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, TOKEN_COUNT]) };
    const body = JSON.stringify({
      inputs: [{ name: 'tokens', shape: [1, TOKEN_COUNT], datatype: 'INT64', data: tokens }],
    });
    return {
      value: async () => {
        // One runner, as the baseline has one core.
        const target = await startPlatform(folder, { RUNNER_THREADS: '1', HTTP_THREADS: '1' });
        try {
          return await measureLoad('platform', target, {
            path: '/v2/models/encoder/infer',
            body,
            connections: CONNECTIONS,
          });
        } finally {
          target.stop();
        }
      },
      baseline: async () => {
        const endMs = performance.now() + SECONDS * 1_000;
        const before = process.cpuUsage();
        let count = 0;
        for (; performance.now() < endMs; count += 1) await session.run(feeds);
        const { user, system } = process.cpuUsage(before);
        console.error(`  onnxruntime alone: ${Math.round((user + system) / count)} µs of processor a run`);
        return count / SECONDS;
      },
    };
  },
};
