import {
  batchKey,
  type ExecutionRecord,
  type MapBatchRecord,
  type MapRunRecord,
  type PendingTask,
  type StatesTables,
} from '../records.ts';

/** The Map Run that a redriven execution goes on with: unsuccessful children are redriven, the others stand. */
export const redriveMapRun = (
  tables: StatesTables,
  pending: PendingTask | undefined,
  nowMs: number,
): MapRunRecord | undefined => {
  if (pending?.kind !== 'map-run') return undefined;
  const run = tables.mapRuns.get(pending.mapRunArn);
  if (!run || run.status === 'SUCCEEDED') return undefined;
  const { stopMs: _stop, ...kept } = run;
  const redriven: MapRunRecord = { ...kept, status: 'RUNNING', redriveCount: run.redriveCount + 1, redriveMs: nowMs };
  tables.mapRuns.put(run.arn, redriven);
  return redriven;
};

/** Every batch of a Map Run, with its child execution if it was started. */
export const batchesOf = (
  tables: StatesTables,
  mapRunArn: string,
): readonly { readonly batch: MapBatchRecord; readonly execution: ExecutionRecord | undefined }[] =>
  tables.mapBatches.entries(`${mapRunArn}/`).map(([, batch]) => ({
    batch,
    execution: batch.executionArn === undefined ? undefined : tables.executions.get(batch.executionArn),
  }));

/**
 * Ends the children of Map Runs that nobody goes on with after a restart: their execution ended meanwhile, or enters
 * the state around them anew (a Map inside a Parallel state).
 */
export const stopOrphans = (tables: StatesTables, abort: (arn: string) => void, nowMs: number): void => {
  for (const [arn, run] of tables.mapRuns.entries()) {
    if (run.status !== 'RUNNING') continue;
    const pending = tables.checkpoints.get(run.executionArn)?.pending;
    const goesOn = tables.executions.get(run.executionArn)?.status === 'RUNNING';
    if (goesOn && pending?.kind === 'map-run' && pending.mapRunArn === arn) continue;
    for (const { execution } of batchesOf(tables, arn)) if (execution?.status === 'RUNNING') abort(execution.arn);
    tables.mapRuns.put(arn, { ...run, status: 'ABORTED', stopMs: nowMs });
  }
};

type Counts = Readonly<Record<string, number>>;

/** `itemCounts` and `executionCounts` of DescribeMapRun. */
export const countMapRun = (
  tables: StatesTables,
  run: MapRunRecord,
): { readonly itemCounts: Counts; readonly executionCounts: Counts } => {
  const batches = batchesOf(tables, run.arn);
  const count = (weight: (batch: MapBatchRecord) => number): Counts => {
    const sums: Record<string, number> = { pending: 0, running: 0, succeeded: 0, failed: 0, timedOut: 0, aborted: 0 };
    for (const { batch, execution } of batches) {
      const name = execution === undefined ? 'pending' : NAMES[execution.status];
      sums[name] = (sums[name] ?? 0) + weight(batch);
    }
    const unsuccessful = (sums.failed ?? 0) + (sums.timedOut ?? 0) + (sums.aborted ?? 0);
    const pendingRedrive = run.status === 'FAILED' || run.status === 'ABORTED' ? unsuccessful : 0;
    return {
      ...sums,
      total: batches.reduce((sum, { batch }) => sum + weight(batch), 0),
      failuresNotRedrivable: 0,
      pendingRedrive,
    };
  };
  return {
    itemCounts: { ...count((batch) => batch.itemCount), resultsWritten: run.resultsWritten },
    executionCounts: { ...count(() => 1), resultsWritten: run.resultsWritten > 0 ? batches.length : 0 },
  };
};

const NAMES = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
} as const;

/** Writes the batches of a Map Run that begins. */
export const putBatches = (
  tables: StatesTables,
  mapRunArn: string,
  batches: readonly { readonly input: string; readonly itemCount: number }[],
): void => {
  for (const [index, { input, itemCount }] of batches.entries()) {
    tables.mapBatches.put(batchKey(mapRunArn, index), { input, itemCount, round: 0 });
  }
};
