import { MINUTE_MS, SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { TimerHandle } from '../../contracts.ts';
import type { LambdaState } from '../lambda-state.ts';
import { readItemFailures } from './batch-response.ts';
import { type BatchOutcome, deliveryFault, invokeBatch } from './invoke-batch.ts';
import { type EventSourceMapping, FUNCTION_FAILED, PROCESSED } from './mapping.ts';
import { type QueueMessage, type QueueMessages, queueMessages, queueRecord } from './queue-messages.ts';
import { createRecordFilter, filteredForm } from './record-filter.ts';

/** Reads a source and runs the function until it is stopped. */
export interface Poller {
  /** Something may have come: looks soon, in a task of its own. */
  wake(): void;
  stop(): void;
}

export interface PollerOptions {
  readonly state: LambdaState;
  readonly mapping: EventSourceMapping;
  readonly onResult: (result: string) => void;
}

/** Batches at once of a mapping without a maximum: with so many Lambda begins; it adds more in time, this does not. */
const DEFAULT_CONCURRENCY = 5;
/** A synchronous payload has 6 MB, of which the frame of a record takes a part. */
const MOST_BATCH_BYTES = 6_000_000;
const LONGEST_PAUSE_MS = MINUTE_MS;

interface Received {
  readonly message: QueueMessage;
  readonly atMs: number;
}

const sizeOf = ({ message }: Received): number => Buffer.byteLength(JSON.stringify(message));

/** As many of the first as fit into one payload; at least one. */
const firstBatch = (buffer: readonly Received[], batchSize: number): readonly Received[] => {
  let bytes = 0;
  let count = 0;
  for (const received of buffer.slice(0, batchSize)) {
    bytes += sizeOf(received);
    if (bytes > MOST_BATCH_BYTES && count > 0) break;
    count += 1;
  }
  return buffer.slice(0, count);
};

const pauseMs = (attempt: number): number => Math.min(SECOND_MS * 2 ** attempt, LONGEST_PAUSE_MS);

interface BatchRun extends PollerOptions {
  readonly source: QueueMessages;
}

/** Deletes what was done. What is not deleted comes back when its visibility time-out is over. */
const settle = async (run: BatchRun, messages: readonly QueueMessage[], outcome: BatchOutcome): Promise<void> => {
  const { mapping, source, onResult } = run;
  if (outcome.kind !== 'answered') return onResult(FUNCTION_FAILED);
  const failed = mapping.reportsItemFailures
    ? readItemFailures(
        outcome.payload,
        messages.map(({ MessageId }) => MessageId),
      )
    : [];
  if (failed === undefined) return onResult(FUNCTION_FAILED);
  await source.delete(messages.filter(({ MessageId }) => !failed.includes(MessageId)));
  onResult(PROCESSED);
};

/** Runs a batch; one that finds no concurrency is tried again for as long as its messages stay hidden. */
const runBatch = async (
  run: BatchRun,
  batch: readonly Received[],
  attempt: number,
  whenDone: () => void,
): Promise<void> => {
  const { state, mapping, source } = run;
  const { clock, region } = state.context;
  const messages = batch.map(({ message }) => message);
  const fault = attempt === 0 ? deliveryFault(state, mapping) : undefined;
  const again = (atMs: number): void => {
    clock.at(atMs, `batch of ${mapping.eventSourceArn}`, () => guarded(run, batch, attempt + 1, whenDone));
  };
  if (fault?.kind === 'delay') return again(clock.nowMs() + fault.delayMs);
  const records = messages.map((message) => queueRecord(message, mapping, region));
  const outcome = await invokeBatch(state, mapping, records, fault);
  if (outcome.kind === 'refused') {
    const nextMs = clock.nowMs() + pauseMs(attempt);
    const hiddenUntilMs = Math.min(...batch.map(({ atMs }) => atMs)) + (await source.visibilityMs());
    if (nextMs < hiddenUntilMs) return again(nextMs);
  }
  await settle(run, messages, outcome);
  whenDone();
};

/** A batch that could not be settled is left to the visibility time-out, which is what makes it come back. */
const guarded = async (
  run: BatchRun,
  batch: readonly Received[],
  attempt: number,
  whenDone: () => void,
): Promise<void> => {
  try {
    await runBatch(run, batch, attempt, whenDone);
  } catch (error) {
    run.onResult(`PROBLEM: ${error instanceof Error ? error.message : String(error)}`);
    whenDone();
  }
};

export const createQueuePoller = (options: PollerOptions): Poller => {
  const { state, mapping, onResult } = options;
  const { clock } = state.context;
  const source = queueMessages(state, mapping);
  const passes = createRecordFilter(mapping.filters);
  const concurrency = mapping.maximumConcurrency ?? DEFAULT_CONCURRENCY;
  let buffer: readonly Received[] = [];
  let windowEndMs: number | undefined;
  let running = 0;
  let looking = false;
  let missed = false;
  let refusals = 0;
  let stopped = false;
  let timer: TimerHandle | undefined;

  const lookAt = (atMs: number): void => {
    timer?.cancel();
    timer = clock.at(atMs, `poll ${mapping.eventSourceArn}`, look);
  };

  /** Messages that pass the filters; the others are deleted, as Lambda does. */
  const receive = async (): Promise<boolean> => {
    const messages = await source.receive(mapping.batchSize - buffer.length);
    const atMs = clock.nowMs();
    const wanted = (message: QueueMessage): boolean =>
      passes(filteredForm(queueRecord(message, mapping, state.context.region)));
    await source.delete(messages.filter((message) => !wanted(message)));
    buffer = [...buffer, ...messages.filter(wanted).map((message) => ({ message, atMs }))];
    if (buffer.length > 0) windowEndMs ??= atMs + mapping.windowSeconds * SECOND_MS;
    return messages.length > 0;
  };

  const send = (): void => {
    const batch = firstBatch(buffer, mapping.batchSize);
    buffer = buffer.slice(batch.length);
    windowEndMs = buffer.length > 0 ? clock.nowMs() : undefined;
    running += 1;
    const whenDone = (): void => {
      running -= 1;
      wake();
    };
    void clock.during(`batch of ${mapping.eventSourceArn}`, () => guarded({ ...options, source }, batch, 0, whenDone));
  };

  const isComplete = (): boolean =>
    buffer.length >= mapping.batchSize || (windowEndMs !== undefined && windowEndMs <= clock.nowMs());

  const hasRoom = (): boolean => running < concurrency && !stopped;

  const gather = async (): Promise<void> => {
    while (hasRoom()) {
      const found = isComplete() || (await receive());
      // What was received in vain comes back when its visibility time-out is over.
      if (stopped) return;
      if (isComplete()) send();
      else if (!found) break;
    }
    if (windowEndMs !== undefined && hasRoom()) lookAt(windowEndMs);
  };

  const look = async (): Promise<void> => {
    if (stopped) return;
    if (looking) {
      missed = true;
      return;
    }
    looking = true;
    try {
      do {
        missed = false;
        await gather();
      } while (missed);
      refusals = 0;
    } catch (error) {
      onResult(`PROBLEM: ${error instanceof Error ? error.message : String(error)}`);
      if (!stopped) lookAt(clock.nowMs() + pauseMs(refusals++));
    } finally {
      looking = false;
    }
  };

  const wake = (): void => {
    if (!stopped) clock.at(clock.nowMs(), `poll ${mapping.eventSourceArn}`, look);
  };

  return {
    wake,
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
};
