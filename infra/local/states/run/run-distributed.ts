import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { MapState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { batchItems } from '../map/item-batcher.ts';
import { batchesOf, putBatches } from '../map/map-run-record.ts';
import { writeResults } from '../map/result-writer.ts';
import { runChildren } from '../map/run-children.ts';
import { evaluateNumber } from '../query/evaluate.ts';
import { type MapRunRecord, parentMachineArn } from '../records.ts';
import { queryScope, record, type Visit } from './frame.ts';
import { payloadText } from './limits.ts';

/** AWS's own label where the definition gives none: characters that an ARN may hold. */
const labelOf = (state: MapState, name: string): string =>
  state.Label ?? name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 40);

type Tolerance = Pick<MapRunRecord, 'toleratedFailureCount' | 'toleratedFailurePercentage'>;

const readTolerance = async (state: MapState, visit: Visit): Promise<Tolerance> => {
  const scope = queryScope(visit);
  const read = async (field: 'ToleratedFailureCount' | 'ToleratedFailurePercentage', max: number) => {
    const value = state[field];
    return value === undefined ? undefined : await evaluateNumber(value, field, scope, { min: 0, max });
  };
  const count = await read('ToleratedFailureCount', 10_000_000);
  const percentage = await read('ToleratedFailurePercentage', 100);
  return {
    ...(count === undefined ? {} : { toleratedFailureCount: count }),
    ...(percentage === undefined ? {} : { toleratedFailurePercentage: percentage }),
  };
};

/** Begins a Map Run: what its children are to do is on disk before the first of them starts. */
const openMapRun = async (
  state: MapState,
  visit: Visit,
  items: readonly JsonValue[],
  maxConcurrency: number,
): Promise<MapRunRecord> => {
  const { frame } = visit;
  const { runtime } = frame;
  const { identity, execution, tables, transaction } = runtime;
  const tolerance = await readTolerance(state, visit);
  const batches = (await batchItems(state.ItemBatcher, items, visit)).map(({ input, itemCount }) => ({
    input: payloadText(input, 'The input of a child workflow execution'),
    itemCount,
  }));
  const machineArn = parentMachineArn(execution.stateMachineArn);
  const label = labelOf(state, visit.name);
  const run: MapRunRecord = {
    arn: `arn:aws:states:${identity.region}:${identity.accountId}:mapRun:${machineArn.split(':').at(-1)}/${label}:${runtime.environment.newId()}`,
    executionArn: execution.arn,
    stateMachineArn: `${machineArn}/${label}`,
    status: 'RUNNING',
    startMs: runtime.clock.nowMs(),
    maxConcurrency,
    ...tolerance,
    itemCount: items.length,
    resultsWritten: 0,
    redriveCount: 0,
  };
  transaction(() => {
    tables.mapRuns.put(run.arn, run);
    putBatches(tables, run.arn, batches);
    const stored = tables.executions.get(execution.arn);
    if (stored) tables.executions.put(stored.arn, { ...stored, mapRunArns: [...(stored.mapRunArns ?? []), run.arn] });
    record(frame, 'MapStateStarted', 'mapStateStartedEventDetails', { length: items.length });
    record(frame, 'MapRunStarted', 'mapRunStartedEventDetails', { mapRunArn: run.arn });
    visit.update({ pending: { kind: 'map-run', mapRunArn: run.arn } });
  });
  return run;
};

/** The run that this visit began before a restart, or goes on with by a redrive. */
const standingRun = (visit: Visit): MapRunRecord | undefined => {
  const { pending } = visit.position();
  if (pending?.kind !== 'map-run') return undefined;
  const run = visit.frame.runtime.tables.mapRuns.get(pending.mapRunArn);
  return run?.status === 'RUNNING' ? run : undefined;
};

export interface DistributedItems {
  readonly items: readonly JsonValue[];
  readonly maxConcurrency: number;
}

/**
 * Runs a distributed Map: a Map Run whose children are executions of their own, with their own names, histories and
 * limits, which see no variables from outside. `read` gives the items; it is not asked again after a restart.
 */
export const runDistributed = async (
  state: MapState,
  visit: Visit,
  read: () => Promise<DistributedItems>,
): Promise<JsonValue> => {
  const { frame } = visit;
  const { clock, tables } = frame.runtime;
  let run = standingRun(visit);
  if (!run) {
    const { items, maxConcurrency } = await read();
    run = await openMapRun(state, visit, items, maxConcurrency);
  }
  const { arn } = run;
  const change = (given: Partial<MapRunRecord>): void => {
    const stored = tables.mapRuns.get(arn);
    if (stored) tables.mapRuns.put(arn, { ...stored, ...given });
  };
  try {
    const tolerated = await runChildren(visit, arn);
    const children = batchesOf(tables, arn);
    const written = await writeResults(state.ResultWriter, visit, arn, children);
    change({ resultsWritten: written.exportedItems });
    if (!tolerated) {
      const cause = 'The specified tolerated failure threshold was exceeded';
      throw new StateFailure('States.ExceedToleratedFailureThreshold', cause);
    }
    change({ status: 'SUCCEEDED', stopMs: clock.nowMs() });
    record(frame, 'MapRunSucceeded');
    record(frame, 'MapStateSucceeded');
    return written.output;
  } catch (error) {
    if (error instanceof Cancelled && error.reason === 'shutdown') throw error;
    change({ status: error instanceof Cancelled ? 'ABORTED' : 'FAILED', stopMs: clock.nowMs() });
    if (error instanceof StateFailure) {
      record(frame, 'MapRunFailed', 'mapRunFailedEventDetails', { error: error.errorName, cause: error.causeText });
      record(frame, 'MapStateFailed');
    } else if (error instanceof Cancelled && error.reason === 'sibling') record(frame, 'MapRunAborted');
    throw error;
  }
};
