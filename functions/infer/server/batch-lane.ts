import {
  batchable,
  batchKey,
  createBatchingPolicy,
  joinInputs,
  rowCountOf,
  splitOutputs,
} from '../../../shared/core/batching/index.ts';
import type { Tensor } from '../../../shared/core/inference/index.ts';
import { UnavailableError } from '../../../shared/kernel/errors.ts';
import type { LoadedModel } from '../../../shared/ports/model-runtime.ts';
import type { Settings } from './settings.ts';

type Outputs = readonly Tensor[];

export interface LaneEvents {
  /** A batch ran. */
  ran(batch: {
    readonly requestCount: number;
    readonly rowCount: number;
    readonly ms: number;
    readonly waitedMs: number;
  }): void;
  /** How many wait now, relative to before. */
  waiting(by: number): void;
}

interface Waiting {
  readonly inputs: readonly Tensor[];
  readonly outputNames: readonly string[] | undefined;
  /** Undefined: it runs alone. */
  readonly together: string | undefined;
  readonly rowCount: number;
  readonly arrivedAtMs: number;
  resolve(outputs: Outputs): void;
  reject(error: unknown): void;
}

type Limits = Pick<Settings, 'maxWaitingRuns' | 'maxQueueMs' | 'maxBatchRows' | 'maxBatchDelayMs'>;

/** A timer cannot wait for less: below it, the next turn of the event loop is waited for. */
const LEAST_TIMER_MS = 1;

/** One by one: so that a request which the model refuses fails alone. */
const runApart = async (model: LoadedModel, batch: readonly Waiting[]): Promise<void> => {
  for (const one of batch) {
    try {
      one.resolve(await model.run(one.inputs, one.outputNames));
    } catch (error) {
      one.reject(error);
    }
  }
};

/** @returns false for a model that turns out to mix rows: its requests must not run together. */
const runTogether = async (model: LoadedModel, batch: readonly Waiting[]): Promise<boolean> => {
  let keepsRows = true;
  try {
    const outputs = await model.run(joinInputs(batch.map(({ inputs }) => inputs)), batch[0]?.outputNames);
    const rowCounts = batch.map(({ rowCount }) => rowCount);
    const parts = splitOutputs(outputs, rowCounts);
    if (parts !== undefined) {
      for (const [i, one] of batch.entries()) one.resolve(parts[i] ?? []);
      return true;
    }
    keepsRows = false;
  } catch {
    // Whose fault it is shows when each runs alone.
  }
  await runApart(model, batch);
  return keepsRows;
};

/** One model's requests on one thread: they wait for their turn, and run together where that pays. */
export const createBatchLane = (model: LoadedModel, limits: Limits, events: LaneEvents) => {
  const policy = createBatchingPolicy({ maxRows: limits.maxBatchRows, maxDelayMs: limits.maxBatchDelayMs });
  let mayBatch = batchable(model);
  let waiting: Waiting[] = [];
  let waitingRows = 0;
  let busy = false;
  let scheduled = false;

  const take = (count: number, among: readonly Waiting[]): readonly Waiting[] => {
    const batch = among.slice(0, count);
    const chosen = new Set(batch);
    waiting = waiting.filter((one) => !chosen.has(one));
    waitingRows -= batch.reduce((sum, { rowCount }) => sum + rowCount, 0);
    events.waiting(-batch.length);
    return batch;
  };

  const runBatch = async (batch: readonly Waiting[]): Promise<void> => {
    busy = true;
    const rowCount = batch.reduce((sum, one) => sum + one.rowCount, 0);
    const startMs = performance.now();
    if (batch.length === 1) await runApart(model, batch);
    else mayBatch = (await runTogether(model, batch)) && mayBatch;
    const ms = performance.now() - startMs;
    policy.served(rowCount, ms);
    const waitedMs = batch.reduce((sum, { arrivedAtMs }) => sum + startMs - arrivedAtMs, 0);
    events.ran({ requestCount: batch.length, rowCount, ms, waitedMs });
    busy = false;
    pump();
  };

  const pump = (): void => {
    scheduled = false;
    const [first] = waiting;
    if (busy || first === undefined) return;
    if (!mayBatch || first.together === undefined) {
      runBatch(take(1, waiting)).catch(() => undefined);
      return;
    }
    const alike = waiting.filter(({ together }) => together === first.together);
    const plan = policy.plan(alike, performance.now());
    if ('take' in plan) runBatch(take(plan.take, alike)).catch(() => undefined);
    else schedule(plan.waitMs);
  };
  const schedule = (waitMs: number): void => {
    if (scheduled) return;
    scheduled = true;
    if (waitMs < LEAST_TIMER_MS) setImmediate(pump);
    else setTimeout(pump, waitMs);
  };

  return {
    get waitingCount() {
      return waiting.length;
    },
    /** @throws UnavailableError when the queue is full, or so long that the answer would come too late. */
    run: (inputs: readonly Tensor[], outputNames?: readonly string[]): Promise<Outputs> => {
      if (waiting.length >= limits.maxWaitingRuns) {
        throw new UnavailableError(`${waiting.length} requests wait for this model, no more may`);
      }
      const expectedMs = policy.expectedMs(waitingRows);
      if (waiting.length > 0 && expectedMs > limits.maxQueueMs) {
        throw new UnavailableError(`the requests that wait for this model take ${Math.round(expectedMs)} ms more`);
      }
      const rowCount = mayBatch ? rowCountOf(inputs) : undefined;
      const together = rowCount === undefined ? undefined : batchKey(inputs, outputNames);
      const arrivedAtMs = performance.now();
      policy.arrived(arrivedAtMs);
      return new Promise((resolve, reject) => {
        waiting.push({ inputs, outputNames, together, rowCount: rowCount ?? 1, arrivedAtMs, resolve, reject });
        waitingRows += rowCount ?? 1;
        events.waiting(1);
        // Not at once: what else this turn of the event loop brings comes along.
        if (!busy) schedule(0);
      });
    },
  };
};

export type BatchLane = ReturnType<typeof createBatchLane>;
