import { MINUTE_MS, SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { TimerHandle } from '../../contracts.ts';
import type { PlacedRecord, TableStream } from '../../dynamodb/streams/table-stream.ts';
import { readItemFailures } from './batch-response.ts';
import { type BatchOutcome, deliveryFault, invokeBatch } from './invoke-batch.ts';
import { FUNCTION_FAILED, PROCESSED, type StreamSettings } from './mapping.ts';
import type { Poller, PollerOptions } from './queue-poller.ts';
import { createRecordFilter } from './record-filter.ts';
import { bisected, doneUpTo, failedOnce, readPart, type StreamProgress, streamRecord } from './stream-batch.ts';
import { reportGivenUp } from './stream-failure.ts';

export interface StreamPollerOptions extends PollerOptions {
  readonly stream: TableStream;
  readonly settings: StreamSettings;
  readonly load: () => StreamProgress;
  readonly save: (progress: StreamProgress) => void;
}

const LONGEST_PAUSE_MS = MINUTE_MS;

/** When the poller goes on: at once, at an instant of the clock, or when there are new records. */
type Next = 'at once' | 'when told' | { readonly atMs: number; readonly orWhenTold?: boolean };

interface Batch {
  readonly progress: StreamProgress;
  readonly records: readonly PlacedRecord[];
  /** Those that pass the filters. The others are done with their batch. */
  readonly wanted: readonly PlacedRecord[];
}

const lastOf = (records: readonly PlacedRecord[]): string => records.at(-1)?.sequenceNumber ?? '';

/** What the role must be allowed to; the records themselves come without these calls. */
const READS = ['dynamodb:DescribeStream', 'dynamodb:GetShardIterator', 'dynamodb:GetRecords'];

const requireAccess = ({ state, mapping }: StreamPollerOptions): void => {
  const { role } = state.store.getFunction(mapping.function.name).settings;
  const principal = { arn: role, accessKeyId: '', sessionName: mapping.function.name };
  for (const action of READS) state.context.access.require({ principal, action, resource: mapping.eventSourceArn });
};

/** The batch without what lies before the lowest item that failed: that is done, and is not run again. */
const fromLowestFailure = (batch: Batch, failures: readonly string[]): Batch => {
  const { progress, records, wanted } = batch;
  const lowest = wanted.findIndex(({ sequenceNumber }) => failures.includes(sequenceNumber));
  const at = records.findIndex(({ sequenceNumber }) => sequenceNumber === wanted[lowest]?.sequenceNumber);
  const before = records[at - 1];
  return {
    progress: before === undefined ? progress : { ...progress, after: before.sequenceNumber },
    records: records.slice(at),
    wanted: wanted.slice(lowest),
  };
};

const isTooOld = ({ createdAtMs }: PlacedRecord, { maximumRecordAgeSeconds }: StreamSettings, nowMs: number): boolean =>
  maximumRecordAgeSeconds >= 0 && nowMs - createdAtMs > maximumRecordAgeSeconds * SECOND_MS;

/** One look at the stream, which runs the function at most once. @returns when to look again */
const createStep = (options: StreamPollerOptions): (() => Promise<Next>) => {
  const { state, mapping, stream, settings, load, save, onResult } = options;
  const { clock } = state.context;
  const passes = createRecordFilter(mapping.filters);
  let windowEndMs: number | undefined;
  let pauses = 0;
  let heldBack = false;

  const pause = (): Next => {
    const ms = Math.min(SECOND_MS * 2 ** pauses, LONGEST_PAUSE_MS);
    pauses += 1;
    return { atMs: clock.nowMs() + ms };
  };

  const advance = (progress: StreamProgress, sequenceNumber: string): Next => {
    save(doneUpTo(progress, sequenceNumber));
    pauses = 0;
    return 'at once';
  };

  const countFailure = async (batch: Batch, outcome: BatchOutcome): Promise<Next> => {
    const { progress, records, wanted } = batch;
    const failed = failedOnce(progress, lastOf(records));
    const invokeCount = failed.parts[0]?.failures ?? 0;
    const { maximumRetryAttempts } = settings;
    if (maximumRetryAttempts < 0 || invokeCount <= maximumRetryAttempts) {
      save(failed);
      return pause();
    }
    const condition = 'RetryAttemptsExhausted';
    await reportGivenUp(state, mapping, stream.shardId, { condition, records: wanted, invokeCount, outcome });
    return advance(progress, lastOf(records));
  };

  const onOutcome = async (batch: Batch, outcome: BatchOutcome): Promise<Next> => {
    const { progress, records, wanted } = batch;
    const numbers = wanted.map(({ sequenceNumber }) => sequenceNumber);
    const answered = outcome.kind === 'answered';
    const reported = answered && mapping.reportsItemFailures ? readItemFailures(outcome.payload, numbers) : [];
    if (answered && reported?.length === 0) {
      onResult(PROCESSED);
      return advance(progress, lastOf(records));
    }
    onResult(FUNCTION_FAILED);
    // What never reached the function is no failure of it: it is tried for as long as the records live.
    if (outcome.kind === 'refused') return pause();
    if (answered && reported !== undefined) return countFailure(fromLowestFailure(batch, reported), outcome);
    if (!settings.bisects || wanted.length === 1) return countFailure(batch, outcome);
    save(bisected(progress, wanted, lastOf(records)));
    return pause();
  };

  const dropOld = async (progress: StreamProgress, old: readonly PlacedRecord[]): Promise<Next> => {
    const invokeCount = progress.parts[0]?.failures ?? 0;
    const given = { condition: 'RecordAgeExceeded', records: old, invokeCount, outcome: undefined } as const;
    await reportGivenUp(state, mapping, stream.shardId, given);
    return advance(progress, lastOf(old));
  };

  /** A fresh batch waits for its window, unless it is full. */
  const waitsForWindow = ({ parts }: StreamProgress, count: number): boolean => {
    if (parts.length > 0 || count >= mapping.batchSize) return false;
    windowEndMs ??= clock.nowMs() + mapping.windowSeconds * SECOND_MS;
    return clock.nowMs() < windowEndMs;
  };

  const runBatch = async (batch: Batch): Promise<Next> => {
    const { progress, records, wanted } = batch;
    if (wanted.length === 0) return advance(progress, lastOf(records));
    // A delay is asked for once a batch: the next look is the delayed one.
    const fault = heldBack ? undefined : deliveryFault(state, mapping);
    heldBack = fault?.kind === 'delay';
    if (fault?.kind === 'delay') return { atMs: clock.nowMs() + fault.delayMs };
    windowEndMs = undefined;
    const events = wanted.map((record) => streamRecord(record, mapping));
    return onOutcome(batch, await invokeBatch(state, mapping, events, fault));
  };

  return async () => {
    requireAccess(options);
    const progress = load();
    const records = readPart(stream, progress, mapping.batchSize);
    const [part] = progress.parts;
    if (records.length === 0) {
      // Records of a part in progress can only be missing when they have left the stream's 24 hours.
      return part === undefined ? 'when told' : advance(progress, part.untilSequenceNumber);
    }
    const old = records.filter((record) => isTooOld(record, settings, clock.nowMs()));
    if (old.length > 0) return dropOld(progress, old);
    if (waitsForWindow(progress, records.length)) return { atMs: windowEndMs ?? clock.nowMs(), orWhenTold: true };
    return runBatch({ progress, records, wanted: records.filter((one) => passes(streamRecord(one, mapping))) });
  };
};

export const createStreamPoller = (options: StreamPollerOptions): Poller => {
  const { state, mapping, stream, onResult } = options;
  const { clock } = state.context;
  const label = `poll ${mapping.eventSourceArn}`;
  const step = createStep(options);
  let looking = false;
  let told = false;
  let wakes = true;
  let stopped = false;
  let timer: TimerHandle | undefined;
  let refusals = 0;

  const lookAt = (atMs: number): void => {
    timer?.cancel();
    timer = stopped ? undefined : clock.at(atMs, label, look);
  };

  const attempt = async (): Promise<Next> => {
    try {
      const next = await step();
      refusals = 0;
      return next;
    } catch (error) {
      onResult(`PROBLEM: ${error instanceof Error ? error.message : String(error)}`);
      refusals += 1;
      return { atMs: clock.nowMs() + Math.min(SECOND_MS * 2 ** refusals, LONGEST_PAUSE_MS) };
    }
  };

  const look = async (): Promise<void> => {
    if (looking || stopped) return;
    looking = true;
    timer = undefined;
    told = false;
    const next = await attempt();
    looking = false;
    if (next === 'at once' || (next === 'when told' && told)) lookAt(clock.nowMs());
    else if (next !== 'when told') lookAt(next.atMs);
    wakes = typeof next === 'string' || next.orWhenTold === true;
  };

  /** New records may fill a window; they change nothing for a batch that waits to be tried again. */
  const wake = (): void => {
    told = true;
    if (!looking && wakes) lookAt(clock.nowMs());
  };

  const unsubscribe = stream.onRecords(wake);
  return {
    wake,
    stop: () => {
      stopped = true;
      unsubscribe();
      timer?.cancel();
    },
  };
};
