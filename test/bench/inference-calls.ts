import { createCapture } from '../../functions/infer/capture-predictions.ts';
import { createHandler } from '../../functions/infer/handler.ts';
import { createServedModel, loadServedModel, readPins } from '../../functions/infer/load-served-model.ts';
import { createPredictionId } from '../../functions/infer/prediction-id.ts';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { LoadedModel } from '../../shared/ports/model-runtime.ts';
import type { CaptureStream } from '../../shared/ports/serving-functions.ts';
import { predictionEvent } from './inference-process.ts';
import { type BenchModel, SERVED_MODEL, storeVersion } from './serving-model.ts';

/** Calls of the inference function's handler in this process, one after another, each timed by itself. */

const clock = { nowMs: () => Date.now() };
const CALLS = 20_000;

export interface InferenceCalls {
  /** Microseconds of each call, in ascending order: from the raw event to the response object. */
  handler(): Promise<Float64Array>;
  /** Of the model alone, on tensors that are ready. */
  model(): Float64Array;
}

export const openInferenceCalls = async (model: BenchModel, stream: CaptureStream): Promise<InferenceCalls> => {
  const { objects, pins: environment } = await storeVersion(model);
  const pins = readPins(environment);
  if (pins === undefined) throw new Error('the stored version has pins');
  const runtime = createAnyRuntime({
    interpret: interpretModel,
    openOther: () => Promise.reject(new Error('the bench’s model is interpreted')),
  });
  const get = async (key: string): Promise<Uint8Array> => {
    const object = objects.get(key);
    if (object === undefined) throw new NotFoundError(`object ${key} does not exist`);
    return object;
  };
  const readEvidence = async () => ({ ...pins, home: '', number: 1, itemDigest: '' });
  const served = await loadServedModel({ model: SERVED_MODEL, artifacts: { get }, runtime, readEvidence }, pins);
  const servedModel = createServedModel(async () => served);
  await servedModel();
  const capture = createCapture({ stage: 'bench', stream, limitMs: 50, clock });
  const predictionId = createPredictionId(clock);
  const handler = createHandler({ model: SERVED_MODEL, servedModel, predictionId, lambdaVersion: '1', capture, clock });
  const event = JSON.stringify(predictionEvent('predict'));
  return {
    handler: async () => {
      const times = new Float64Array(CALLS);
      for (let i = 0; i < CALLS; i += 1) {
        // Lambda's own runtime parses each event anew.
        const own = JSON.parse(event);
        const startMs = performance.now();
        await handler(own);
        times[i] = 1e3 * (performance.now() - startMs);
      }
      return times.sort();
    },
    model: () => timesOfModel(served.runtime),
  };
};

const timesOfModel = (runtime: LoadedModel): Float64Array => {
  const inputs = runtime.inputs.map(({ name }, i) => {
    return { name, datatype: 'FP32' as const, shape: [1, 1], data: Float32Array.of(Math.sin(i)) };
  });
  return new Float64Array(CALLS)
    .map(() => {
      const startMs = performance.now();
      void runtime.run(inputs);
      return 1e3 * (performance.now() - startMs);
    })
    .sort();
};

/** @param share in [0, 1], of a sorted list. */
export const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
