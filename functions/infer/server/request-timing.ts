import { AsyncLocalStorage } from 'node:async_hooks';
import type { InferenceAnswer, Tensor } from '../../../shared/core/inference/index.ts';
import { count, type Metrics, observe, SECONDS_BOUNDS, type Series } from '../../../shared/core/prometheus/index.ts';
import type { FoundModel } from './model-finder.ts';

type Outputs = readonly Tensor[];

/** What is known of one request that asks a model. */
interface Timing {
  readonly startMs: number;
  found: FoundModel | undefined;
  runStartMs: number;
  runEndMs: number;
}

const seriesOf = (metrics: Metrics, { name, version }: FoundModel) => {
  const ofModel = (family: string): Series => metrics.series(family, [name, version]);
  return {
    preprocess: metrics.series('request_preprocess_seconds', [name]),
    predict: metrics.series('request_predict_seconds', [name]),
    postprocess: metrics.series('request_postprocess_seconds', [name]),
    success: ofModel('nv_inference_request_success'),
    failure: ofModel('nv_inference_request_failure'),
    durationUs: ofModel('nv_inference_request_duration_us'),
    inputUs: ofModel('nv_inference_compute_input_duration_us'),
    outputUs: ofModel('nv_inference_compute_output_duration_us'),
  };
};

/** Measures the steps of each request that reaches a model. */
export const createRequestTiming = (metrics: Metrics) => {
  const current = new AsyncLocalStorage<Timing>();
  const series = new WeakMap<FoundModel, ReturnType<typeof seriesOf>>();

  const record = ({ startMs, found, runStartMs, runEndMs }: Timing, status: number): void => {
    if (found === undefined) return;
    let counted = series.get(found);
    if (counted === undefined) {
      counted = seriesOf(metrics, found);
      series.set(found, counted);
    }
    const endMs = performance.now();
    count(status < 400 ? counted.success : counted.failure);
    count(counted.durationUs, (endMs - startMs) * 1_000);
    count(counted.inputUs, (runStartMs - startMs) * 1_000);
    count(counted.outputUs, (endMs - runEndMs) * 1_000);
    observe(counted.preprocess, SECONDS_BOUNDS, (runStartMs - startMs) / 1_000);
    observe(counted.predict, SECONDS_BOUNDS, (runEndMs - runStartMs) / 1_000);
    observe(counted.postprocess, SECONDS_BOUNDS, (endMs - runEndMs) / 1_000);
  };

  return {
    /** Around the answer to a request. */
    answering: (
      answer: () => InferenceAnswer | Promise<InferenceAnswer>,
    ): InferenceAnswer | Promise<InferenceAnswer> => {
      const startMs = performance.now();
      const timing: Timing = { startMs, found: undefined, runStartMs: startMs, runEndMs: startMs };
      const answered = current.run(timing, answer);
      if (!(answered instanceof Promise)) {
        record(timing, answered.status);
        return answered;
      }
      return answered.then((ready) => {
        record(timing, ready.status);
        return ready;
      });
    },
    /** Around the run of a model, within it. */
    running: (found: FoundModel, run: () => Outputs | Promise<Outputs>): Outputs | Promise<Outputs> => {
      const timing = current.getStore();
      if (timing === undefined) return run();
      timing.found = found;
      timing.runStartMs = performance.now();
      const outputs = run();
      timing.runEndMs = performance.now();
      if (!(outputs instanceof Promise)) return outputs;
      return outputs.finally(() => {
        timing.runEndMs = performance.now();
      });
    },
  };
};
