import { Cancelled } from '../failure.ts';
import {
  batchKey,
  type ExecutionRecord,
  type MapBatchRecord,
  type MapRunRecord,
  parentMachineArn,
} from '../records.ts';
import type { Visit } from '../run/frame.ts';

/** AWS runs so many children of a Map Run side by side when MaxConcurrency is 0 or absent. */
const HIGHEST_CONCURRENCY = 10_000;

interface Batch {
  readonly index: number;
  readonly record: MapBatchRecord;
}

/** A Map Run fails as soon as one of its limits is exceeded; without any limit by the first failure. */
export const exceedsTolerance = (
  run: Pick<MapRunRecord, 'itemCount' | 'toleratedFailureCount' | 'toleratedFailurePercentage'>,
  failedItems: number,
): boolean => {
  const { toleratedFailureCount: count, toleratedFailurePercentage: percentage } = run;
  if (count === undefined && percentage === undefined) return failedItems > 0;
  const share = (failedItems / Math.max(run.itemCount, 1)) * 100;
  return (count !== undefined && failedItems > count) || (percentage !== undefined && share > percentage);
};

const newChild = (run: MapRunRecord, visit: Visit, { input = 'null', itemCount }: MapBatchRecord): ExecutionRecord => {
  const { runtime } = visit.frame;
  const { redriveMs: _redriven, redriveToken: _token, mapRunArns: _runs, ...inherited } = runtime.execution;
  const name = runtime.environment.newId();
  const machine = run.stateMachineArn.split(':').at(-1) ?? '';
  const base = parentMachineArn(run.stateMachineArn).split(':').slice(0, 5).join(':');
  return {
    ...inherited,
    arn: `${base}:execution:${machine}:${name}`,
    name,
    stateMachineArn: run.stateMachineArn,
    status: 'RUNNING',
    startMs: runtime.clock.nowMs(),
    input,
    redriveCount: 0,
    mapRun: { arn: run.arn, state: visit.name, itemCount },
  };
};

/** As it stands: UpdateMapRun may have changed it. */
const mapRunOf = (visit: Visit, mapRunArn: string): MapRunRecord => {
  const run = visit.frame.runtime.tables.mapRuns.get(mapRunArn);
  if (!run) throw new Error(`the Map Run ${mapRunArn} is gone`);
  return run;
};

/** Which batches wait, which run, and how many items failed: as the tables tell, after a restart too. */
const sortBatches = (visit: Visit, run: MapRunRecord) => {
  const { tables } = visit.frame.runtime;
  const waiting: Batch[] = [];
  const running: { readonly arn: string; readonly record: MapBatchRecord }[] = [];
  let failedItems = 0;
  for (const [index, [, record]] of tables.mapBatches.entries(`${run.arn}/`).entries()) {
    const child = record.executionArn === undefined ? undefined : tables.executions.get(record.executionArn);
    if (child === undefined) waiting.push({ index, record });
    else if (child.status === 'RUNNING') running.push({ arn: child.arn, record });
    else if (child.status !== 'SUCCEEDED') {
      if (record.round < run.redriveCount) waiting.push({ index, record });
      else failedItems += record.itemCount;
    }
  }
  return { waiting, running, failedItems };
};

/** Starts a batch's child execution, or redrives the one that failed. */
const startChild = (visit: Visit, run: MapRunRecord, { index, record }: Batch, listen: (arn: string) => void): void => {
  const { tables, transaction, children } = visit.frame.runtime;
  transaction(() => {
    const failed = record.executionArn === undefined ? undefined : tables.executions.get(record.executionArn);
    const child = failed ?? newChild(run, visit, record);
    const started = { itemCount: record.itemCount, executionArn: child.arn, round: run.redriveCount };
    tables.mapBatches.put(batchKey(run.arn, index), started);
    // Listening starts first: a child may end before this returns.
    listen(child.arn);
    if (failed) children.redrive(failed);
    else children.begin(child);
  });
};

/** Children under way, and how many items failed so far. */
interface OpenChildren {
  count(): number;
  failedItems(): number;
  add(arn: string, itemCount: number): void;
  /** Waits until a child ends or the run's limits change. */
  change(): Promise<void>;
  /** Stops listening. @returns the children that still run. */
  close(): readonly string[];
}

const openChildren = (visit: Visit, mapRunArn: string, failedBefore: number): OpenChildren => {
  const { tables, jobs } = visit.frame.runtime;
  const open = new Map<string, () => void>();
  let failedItems = failedBefore;
  let wake = (): void => {};
  const stopUpdates = jobs.onEnd('states', mapRunArn, () => wake());
  return {
    count: () => open.size,
    failedItems: () => failedItems,
    add: (arn, itemCount) => {
      const stopListening = jobs.onEnd('states', arn, () => {
        open.delete(arn);
        stopListening();
        if (tables.executions.get(arn)?.status !== 'SUCCEEDED') failedItems += itemCount;
        wake();
      });
      open.set(arn, stopListening);
    },
    change: () =>
      visit.frame.strand.wait<void>(({ resolve }) => {
        wake = resolve;
        return () => {};
      }),
    close: () => {
      stopUpdates();
      for (const stopListening of open.values()) stopListening();
      return [...open.keys()];
    },
  };
};

/** @returns false as soon as more items failed than are tolerated, true when no child is left. */
const startAll = async (visit: Visit, mapRunArn: string, waiting: Batch[], open: OpenChildren): Promise<boolean> => {
  for (;;) {
    visit.frame.strand.check();
    const run = mapRunOf(visit, mapRunArn);
    if (exceedsTolerance(run, open.failedItems())) return false;
    const limit = run.maxConcurrency === 0 ? HIGHEST_CONCURRENCY : run.maxConcurrency;
    for (const batch of waiting.splice(0, Math.max(0, limit - open.count()))) {
      startChild(visit, run, batch, (arn) => open.add(arn, batch.record.itemCount));
    }
    if (open.count() === 0) return true;
    await open.change();
  }
};

/**
 * Runs the children of a Map Run that have not succeeded yet, at most as many at once as the run allows now
 * (UpdateMapRun may change it). Ends early, stopping what runs, when more items failed than are tolerated.
 * @returns whether the failures were tolerated. @throws Cancelled
 */
export const runChildren = async (visit: Visit, mapRunArn: string): Promise<boolean> => {
  const { waiting, running, failedItems } = sortBatches(visit, mapRunOf(visit, mapRunArn));
  const open = openChildren(visit, mapRunArn, failedItems);
  for (const { arn, record } of running) open.add(arn, record.itemCount);
  let shutdown = false;
  try {
    return await startAll(visit, mapRunArn, waiting, open);
  } catch (error) {
    shutdown = error instanceof Cancelled && error.reason === 'shutdown';
    throw error;
  } finally {
    const left = open.close();
    // After a shutdown they go on by themselves, and this run with them.
    if (!shutdown) for (const arn of left) visit.frame.runtime.children.abort(arn);
  }
};
