import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { MapState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { createHistory } from '../history.ts';
import { batchItems } from '../map/item-batcher.ts';
import { writeResults } from '../map/result-writer.ts';
import { evaluateNumber } from '../query/evaluate.ts';
import type { ExecutionRecord, MapRunRecord } from '../records.ts';
import { type Frame, queryScope, record, type Visit } from './frame.ts';
import { payloadText } from './limits.ts';
import { runTogether } from './run-parallel.ts';
import type { Strand } from './strand.ts';

/** One child execution of a distributed Map, as the result writer reports it. */
interface ChildRun {
  readonly execution: ExecutionRecord;
  readonly itemCount: number;
}

interface Tolerance {
  readonly count: number;
  readonly percentage: number;
}

const readTolerance = async (state: MapState, visit: Visit): Promise<Tolerance> => {
  const scope = queryScope(visit);
  const read = (field: 'ToleratedFailureCount' | 'ToleratedFailurePercentage', max: number): Promise<number> =>
    evaluateNumber(state[field] ?? 0, field, scope, { min: 0, max });
  return { count: await read('ToleratedFailureCount', 1e9), percentage: await read('ToleratedFailurePercentage', 100) };
};

/** Either limit lets failures pass; the run fails when both are exceeded. */
const exceeds = (failedItems: number, itemCount: number, { count, percentage }: Tolerance): boolean =>
  failedItems > count && (failedItems / Math.max(itemCount, 1)) * 100 > percentage;

const newMapRun = (state: MapState, visit: Visit, tolerance: Tolerance, maxConcurrency: number): MapRunRecord => {
  const { runtime } = visit.frame;
  const { region, accountId } = runtime.identity;
  const label = state.Label ?? visit.name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 40);
  const name = `${runtime.stateMachineName}/${label}:${runtime.environment.newId()}`;
  return {
    arn: `arn:aws:states:${region}:${accountId}:mapRun:${name}`,
    executionArn: runtime.execution.arn,
    stateMachineArn: `${runtime.execution.stateMachineArn}/${label}`,
    status: 'RUNNING',
    startMs: runtime.clock.nowMs(),
    maxConcurrency,
    toleratedFailureCount: tolerance.count,
    toleratedFailurePercentage: tolerance.percentage,
    itemCounts: {},
    executionCounts: {},
  };
};

const counts = (
  runs: readonly ChildRun[],
  weight: (run: ChildRun) => number,
  total: number,
): Record<string, number> => {
  const sum = (status: string): number =>
    runs.filter((run) => run.execution.status === status).reduce((n, run) => n + weight(run), 0);
  const [succeeded, failed, aborted] = [sum('SUCCEEDED'), sum('FAILED'), sum('ABORTED')];
  const pending = total - succeeded - failed - aborted;
  return {
    pending,
    running: 0,
    succeeded,
    failed,
    timedOut: 0,
    aborted,
    total,
    resultsWritten: 0,
    failuresNotRedrivable: 0,
    pendingRedrive: 0,
  };
};

const newChild = (mapRun: MapRunRecord, visit: Visit, input: JsonValue): ExecutionRecord => {
  const { runtime } = visit.frame;
  const { region, accountId } = runtime.identity;
  const name = runtime.environment.newId();
  const machine = mapRun.stateMachineArn.split(':').at(-1) ?? '';
  return {
    ...runtime.execution,
    arn: `arn:aws:states:${region}:${accountId}:execution:${machine}:${name}`,
    name,
    stateMachineArn: mapRun.stateMachineArn,
    status: 'RUNNING',
    startMs: runtime.clock.nowMs(),
    input: payloadText(input, 'The input of a child workflow execution'),
    redriveCount: 0,
  };
};

/**
 * Runs one child. Its history is its own on AWS, with its own limit; here it is kept only while it runs, and it sees
 * no variables from outside.
 */
const runChild = async (
  state: MapState,
  visit: Visit,
  strand: Strand,
  execution: ExecutionRecord,
  input: JsonValue,
): Promise<ExecutionRecord> => {
  const { runtime, runGraph } = visit.frame;
  const history = createHistory({ nowMs: runtime.clock.nowMs, length: 0, write: () => {} });
  const child: Frame = {
    runtime: { ...runtime, execution, executionInput: input },
    states: state.ItemProcessor.States,
    strand,
    history,
    lastEventId: 0,
    variables: {},
    runGraph,
  };
  try {
    const output = await runGraph(child, state.ItemProcessor.StartAt, input);
    return { ...execution, status: 'SUCCEEDED', stopMs: runtime.clock.nowMs(), output: JSON.stringify(output) };
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    const { errorName, causeText } = error;
    return {
      ...execution,
      status: 'FAILED',
      stopMs: runtime.clock.nowMs(),
      ...(errorName === undefined ? {} : { error: errorName }),
      ...(causeText === undefined ? {} : { cause: causeText }),
    };
  }
};

interface DistributedItems {
  readonly items: readonly JsonValue[];
  readonly maxConcurrency: number;
  readonly concurrency: number;
}

const runChildren = async (
  state: MapState,
  visit: Visit,
  mapRun: MapRunRecord,
  { items, concurrency }: DistributedItems,
): Promise<{ readonly runs: readonly ChildRun[]; readonly tolerated: boolean }> => {
  const tolerance = { count: mapRun.toleratedFailureCount, percentage: mapRun.toleratedFailurePercentage };
  const batches = await batchItems(state.ItemBatcher, items, visit);
  const runs: (ChildRun | undefined)[] = batches.map(() => undefined);
  let next = 0;
  let failedItems = 0;
  const stop = (): boolean => exceeds(failedItems, items.length, tolerance);
  const workers = Array.from({ length: Math.min(concurrency, batches.length) }, (_, i) => `${visit.name} worker ${i}`);
  await runTogether(visit, workers, async (strand) => {
    while (next < batches.length && !stop()) {
      const index = next;
      next += 1;
      strand.check();
      const { input, itemCount } = batches[index] ?? { input: null, itemCount: 0 };
      const execution = await runChild(state, visit, strand, newChild(mapRun, visit, input), input);
      runs[index] = { execution, itemCount };
      if (execution.status === 'FAILED') failedItems += itemCount;
    }
  });
  return { runs: runs.filter((run) => run !== undefined), tolerated: !stop() };
};

export const runDistributed = async (state: MapState, visit: Visit, work: DistributedItems): Promise<JsonValue> => {
  const { frame } = visit;
  const { clock, saveMapRun } = frame.runtime;
  const started = newMapRun(state, visit, await readTolerance(state, visit), work.maxConcurrency);
  saveMapRun(started);
  record(frame, 'MapStateStarted', 'mapStateStartedEventDetails', { length: work.items.length });
  record(frame, 'MapRunStarted', 'mapRunStartedEventDetails', { mapRunArn: started.arn });
  const finish = (status: MapRunRecord['status'], runs: readonly ChildRun[]): void =>
    saveMapRun({
      ...started,
      status,
      stopMs: clock.nowMs(),
      itemCounts: counts(runs, (run) => run.itemCount, work.items.length),
      executionCounts: counts(runs, () => 1, runs.length),
    });
  let runs: readonly ChildRun[] = [];
  try {
    const ended = await runChildren(state, visit, started, work);
    runs = ended.runs;
    const written = state.ResultWriter && (await writeResults(state.ResultWriter, visit, started, runs));
    if (!ended.tolerated) {
      const cause = 'The specified tolerated failure threshold was exceeded';
      throw new StateFailure('States.ExceedToleratedFailureThreshold', cause);
    }
    finish('SUCCEEDED', runs);
    record(frame, 'MapRunSucceeded');
    record(frame, 'MapStateSucceeded');
    if (written) return written;
    const outputs = runs.filter((run) => run.execution.status === 'SUCCEEDED');
    return outputs.map((run) => JSON.parse(run.execution.output ?? 'null') as JsonValue);
  } catch (error) {
    finish(error instanceof Cancelled ? 'ABORTED' : 'FAILED', runs);
    if (error instanceof StateFailure) {
      record(frame, 'MapRunFailed', 'mapRunFailedEventDetails', { error: error.errorName, cause: error.causeText });
      record(frame, 'MapStateFailed');
    }
    throw error;
  }
};
