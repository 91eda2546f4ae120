import { FirehoseClient } from '@aws-sdk/client-firehose';
import { createPutRecords } from '../../../shared/adapters/firehose/put-records.ts';
import { createPutRecords as createSignedPut } from '../../../shared/adapters/sigv4/put-records.ts';
import { createSignedClient } from '../../../shared/adapters/sigv4/signed-client.ts';
import type { BenchRow } from '../bench-row.ts';
import { inferenceEnvironment } from '../inference-process.ts';
import { startServingStandIn } from '../serving-stand-in.ts';

const CALLS = 300;

export const row: BenchRow = {
  name: 'serving/capture-put',
  unit: 'ms',
  betterIs: 'lower',
  baselineName:
    'the same put by the AWS SDK; both from this process to a stand-in of Firehose in it, mean of 300 calls',
  prepare: async () => {
    const standIn = await startServingStandIn({ objects: new Map(), items: new Map() });
    standIn.unref();
    const env = inferenceEnvironment(standIn.endpoint, { pins: {} });
    const line = [new TextEncoder().encode(`${JSON.stringify({ kind: 'prediction', features: 'x'.repeat(600) })}\n`)];
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench', sessionToken: 'bench' };
    const sdk = new FirehoseClient({ endpoint: standIn.endpoint, region: env.AWS_REGION, credentials });
    const timed = (put: typeof own) => async (): Promise<number> => {
      const startMs = performance.now();
      for (let i = 0; i < CALLS; i += 1) await put('capture', line);
      return (performance.now() - startMs) / CALLS;
    };
    const own = createSignedPut(createSignedClient({ env, nowMs: () => Date.now() }));
    const [value, baseline] = [timed(own), timed(createPutRecords(sdk))];
    await value();
    await baseline();
    return { value, baseline };
  },
};
