import type { Tensor } from '../../../shared/core/inference/index.ts';
import { count, type Metrics } from '../../../shared/core/prometheus/index.ts';
import type { LoadedModel, ModelRuntime } from '../../../shared/ports/model-runtime.ts';
import { predictNeutral } from '../predict-neutral.ts';
import { type BatchLane, createBatchLane } from './batch-lane.ts';
import type { Loaded, LoadOrder } from './messages.ts';
import type { Settings } from './settings.ts';

type Outputs = readonly Tensor[];

interface Held {
  readonly model: LoadedModel;
  /** Of a model whose runs are awaited. */
  readonly lane?: BatchLane;
  readonly counted: ReturnType<typeof countersOf>;
  running: number;
  whenIdle: (() => void) | undefined;
}

const countersOf = (metrics: Metrics, labels: readonly string[]) => ({
  runs: metrics.series('nv_inference_exec_count', labels),
  rows: metrics.series('nv_inference_count', labels),
  queueUs: metrics.series('nv_inference_queue_duration_us', labels),
  inferUs: metrics.series('nv_inference_compute_infer_duration_us', labels),
  pending: metrics.series('nv_inference_pending_request_count', labels),
});

/** What any model takes, whatever its file: its plan, buffers and specifications. */
const LEAST_MODEL_BYTES = 262_144;

/**
 * What a model takes, by what the process gained while it was loaded. Other threads gain and lose meanwhile, so the
 * figure is taken for no less than the model's file and no more than what was reserved.
 */
const measuredBytes = (gainedBytes: number, sizeBytes: number, reservedBytes: number): number =>
  Math.round(Math.min(reservedBytes, Math.max(LEAST_MODEL_BYTES, sizeBytes, gainedBytes)));

const memoryOf = (): number => process.memoryUsage.rss();

/** One row of zeros and empty texts, as a published version of the function is tested: no traffic reaches it before. */
const requireAnswer = async (model: LoadedModel, { mustAnswer, version }: LoadOrder): Promise<void> => {
  if (mustAnswer === undefined) return;
  try {
    const output = await predictNeutral(model, mustAnswer);
    if (!Number.isFinite(output)) throw new Error(`it gave ${output}, which is not finite`);
  } catch (cause) {
    await model.release();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`version ${version} failed on a row of nothing: ${why}`, { cause });
  }
};

/** The models that one thread holds. */
export const createExecutor = (runtime: ModelRuntime, settings: Settings, metrics: Metrics) => {
  const held = new Map<string, Held>();

  const runAtOnce = ({ model, counted }: Held, inputs: readonly Tensor[], outputNames?: readonly string[]) => {
    const startMs = performance.now();
    const outputs = model.run(inputs, outputNames);
    count(counted.runs);
    count(counted.rows, inputs[0]?.shape[0] ?? 1);
    count(counted.inferUs, (performance.now() - startMs) * 1_000);
    return outputs;
  };

  const ended = (one: Held): void => {
    one.running -= 1;
    if (one.running === 0) one.whenIdle?.();
  };

  return {
    get modelCount() {
      return held.size;
    },
    has: (key: string): boolean => held.has(key),
    load: async (order: LoadOrder): Promise<Loaded> => {
      const sizeBytes = order.bytes.byteLength;
      const beforeBytes = memoryOf();
      const model = await runtime.load(order.bytes);
      await requireAnswer(model, order);
      const gainedBytes = memoryOf() - beforeBytes;
      const { engine, inputs, outputs } = model;
      const counted = countersOf(metrics, [order.model, order.version]);
      const lane =
        engine === 'interpreter'
          ? undefined
          : createBatchLane(model, settings, {
              ran: ({ requestCount, rowCount, ms, waitedMs }) => {
                count(counted.runs);
                count(counted.rows, rowCount);
                count(counted.inferUs, ms * 1_000 * requestCount);
                count(counted.queueUs, waitedMs * 1_000);
              },
              waiting: (by) => count(counted.pending, by),
            });
      held.set(order.key, { model, ...(lane === undefined ? {} : { lane }), counted, running: 0, whenIdle: undefined });
      return { engine, inputs, outputs, measuredBytes: measuredBytes(gainedBytes, sizeBytes, order.reservedBytes) };
    },
    /** From now on the model is not there; its memory is free when what runs has ended. */
    leave: async (key: string): Promise<void> => {
      const one = held.get(key);
      if (one === undefined) return;
      held.delete(key);
      if (one.running > 0) {
        await new Promise<void>((resolve) => {
          one.whenIdle = resolve;
        });
      }
      await one.model.release();
    },
    /** @returns undefined where the model is not there. */
    run: (
      key: string,
      inputs: readonly Tensor[],
      outputNames?: readonly string[],
    ): Outputs | Promise<Outputs> | undefined => {
      const one = held.get(key);
      if (one === undefined) return undefined;
      if (one.lane === undefined) return runAtOnce(one, inputs, outputNames);
      const outputs = one.lane.run(inputs, outputNames);
      one.running += 1;
      return outputs.finally(() => ended(one));
    },
  };
};

export type Executor = ReturnType<typeof createExecutor>;
