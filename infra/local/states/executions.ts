import type { JsonValue } from '../../../shared/kernel/json.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type JobWaiters, jobWaitersOf } from '../jobs/job-waiters.ts';
import { announceStatus } from './announce.ts';
import { createDefinitionLoader, type LoadedGraph } from './definition/load-definition.ts';
import { openHistory } from './execution-history.ts';
import { Cancelled, StateFailure } from './failure.ts';
import type { History } from './history.ts';
import { redriveMapRun, stopOrphans } from './map/map-run-record.ts';
import type { QueryEnvironment } from './query/evaluate.ts';
import type { Checkpoint, ExecutionRecord, StatesTables } from './records.ts';
import { createRetention, type Retention } from './retention.ts';
import { type Frame, positionAt, type Runtime } from './run/frame.ts';
import { payloadText } from './run/limits.ts';
import { runStates } from './run/run-states.ts';
import { createStrand, type Strand } from './run/strand.ts';
import type { TaskTokens } from './task-tokens.ts';

export interface ExecutionsDeps {
  readonly context: ServiceContext;
  readonly tables: StatesTables;
  readonly tokens: TaskTokens;
}

interface Running {
  readonly strand: Strand;
  readonly history: History;
  readonly frame: Frame;
  done: Promise<void>;
}

type Ending = Pick<ExecutionRecord, 'status'> & Partial<Pick<ExecutionRecord, 'output' | 'error' | 'cause'>>;

export interface Executions {
  /** Begins an execution whose record is new. */
  begin(record: ExecutionRecord): void;
  /** Ends a running execution from outside. @returns the record that stands. */
  abort(arn: string, ending: Ending): ExecutionRecord;
  /** Enters the state that failed once more. @throws AwsError ExecutionNotRedrivable */
  redrive(record: ExecutionRecord): ExecutionRecord;
  /** Goes on with every execution that was running when the process ended. */
  resumeAll(): void;
  /** Lets go of everything; what runs goes on at the next `resumeAll`. */
  shutdown(): Promise<void>;
}

/** An execution may take so long, whatever its definition says: then it ends with States.Timeout. */
const LONGEST_SECONDS = 365 * 86_400;

const ENDINGS = {
  SUCCEEDED: ['ExecutionSucceeded', 'executionSucceededEventDetails'],
  FAILED: ['ExecutionFailed', 'executionFailedEventDetails'],
  TIMED_OUT: ['ExecutionTimedOut', 'executionTimedOutEventDetails'],
  ABORTED: ['ExecutionAborted', 'executionAbortedEventDetails'],
} as const;

interface State extends ExecutionsDeps {
  readonly running: Map<string, Running>;
  readonly jobs: JobWaiters;
  readonly environment: QueryEnvironment;
  readonly retention: Retention;
  readonly load: (record: ExecutionRecord) => LoadedGraph;
}

/** Children of a Map Run are counted by it; AWS announces executions of state machines only. */
const announce = ({ context }: State, record: ExecutionRecord): void => {
  if (record.mapRun === undefined) announceStatus(context, record);
};

/** Writes how an execution ended, once. */
const end = (state: State, arn: string, ending: Ending): ExecutionRecord => {
  const { context, tables, running, jobs, retention } = state;
  const record = tables.executions.get(arn);
  if (!record) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  if (record.status !== 'RUNNING') return record;
  const current = running.get(arn);
  running.delete(arn);
  const [type, detailsKey] = ENDINGS[ending.status as keyof typeof ENDINGS];
  const details =
    ending.status === 'SUCCEEDED'
      ? { output: ending.output, outputDetails: { truncated: false } }
      : { error: ending.error, cause: ending.cause };
  const ended = context.store.transaction(() => {
    const history = current?.history ?? openHistory(context, tables, record);
    history.add(current?.frame.lastEventId ?? history.length(), type, detailsKey, details);
    const final = { ...record, ...ending, stopMs: context.clock.nowMs(), historyLength: history.length() };
    tables.executions.put(arn, final);
    retention.ended(final);
    // A failed execution keeps its place: redrive enters the state again.
    if (ending.status === 'SUCCEEDED') tables.checkpoints.delete(arn);
    return final;
  });
  announce(state, ended);
  jobs.ended('states', arn);
  return ended;
};

const endingOf = (error: StateFailure): Ending => ({
  status: 'FAILED',
  ...(error.errorName === undefined ? {} : { error: error.errorName }),
  ...(error.causeText === undefined ? {} : { cause: error.causeText }),
});

const drive = async (state: State, record: ExecutionRecord, frame: Frame, checkpoint: Checkpoint): Promise<void> => {
  try {
    const output = await runStates(frame, checkpoint);
    end(state, record.arn, { status: 'SUCCEEDED', output: payloadText(output, 'The output of the execution') });
  } catch (error) {
    if (error instanceof Cancelled) return;
    if (!(error instanceof StateFailure)) {
      state.context.ports.log({
        level: 'error',
        message: 'execution failed unexpectedly',
        executionArn: record.arn,
        error: String(error),
      });
    }
    const failure = error instanceof StateFailure ? error : new StateFailure('States.Runtime', String(error));
    end(state, record.arn, endingOf(failure));
  }
};

const runtimeOf = (state: State, record: ExecutionRecord): Runtime => {
  const { context, tables, tokens, environment, jobs } = state;
  const { region, accountId, partition, clock, ports, faults, store } = context;
  return {
    identity: { region, accountId, partition },
    clock,
    ports,
    faults,
    tokens,
    jobs,
    environment,
    execution: record,
    stateMachineName: record.stateMachineArn.split(':').at(-1) ?? '',
    executionInput: JSON.parse(record.input) as JsonValue,
    tables,
    transaction: store.transaction,
    children: {
      begin: (child) => begin(state, child),
      redrive: (child) => redrive(state, child),
      abort: (arn) => abort(state, arn, { status: 'ABORTED' }),
    },
  };
};

/** Ends the execution when its time is up. */
const startTimeout = (state: State, record: ExecutionRecord, seconds: number | undefined, strand: Strand) => {
  const limit = Math.min(seconds ?? LONGEST_SECONDS, LONGEST_SECONDS);
  const atMs = (record.redriveMs ?? record.startMs) + limit * 1000;
  return state.context.clock.at(atMs, `execution timeout ${record.name}`, () => {
    end(state, record.arn, { status: 'TIMED_OUT', error: 'States.Timeout' });
    strand.cancel(new Cancelled('stopped'));
  });
};

/** Runs an execution from a checkpoint. The clock is held from here on. */
const launch = (state: State, record: ExecutionRecord, checkpoint: Checkpoint, opened?: History): void => {
  const { context, tables, running } = state;
  const graph = state.load(record);
  const strand = createStrand(context.clock, `execution ${record.name}`);
  const history = opened ?? openHistory(context, tables, record);
  const frame: Frame = {
    runtime: runtimeOf(state, record),
    states: graph.States,
    strand,
    history,
    lastEventId: checkpoint.lastEventId,
    variables: checkpoint.variables,
    runGraph: (child, startAt, input) => runStates(child, positionAt(startAt, input)),
    // An execution that was ended from outside must not get its place back from a strand that winds down.
    save: (next) => running.has(record.arn) && tables.checkpoints.put(record.arn, next),
  };
  const entry: Running = { strand, history, frame, done: Promise.resolve() };
  running.set(record.arn, entry);
  const timeout = startTimeout(state, record, graph.timeoutSeconds, strand);
  entry.done = drive(state, record, frame, checkpoint).finally(() => {
    timeout.cancel();
    strand.finish();
  });
};

const begin = (state: State, record: ExecutionRecord): void => {
  const { context, tables } = state;
  const input = JSON.parse(record.input) as JsonValue;
  const first = positionAt(state.load(record).StartAt, input);
  // AWS numbers ExecutionStarted 1, yet the first state's previousEventId is 0.
  const start: Checkpoint = { ...first, variables: {}, lastEventId: 0 };
  const history = context.store.transaction(() => {
    state.retention.sweep();
    const opened = openHistory(context, tables, record);
    opened.add(0, 'ExecutionStarted', 'executionStartedEventDetails', {
      input: record.input,
      inputDetails: { truncated: false },
      roleArn: record.roleArn,
    });
    tables.executions.put(record.arn, record);
    tables.checkpoints.put(record.arn, start);
    return opened;
  });
  announce(state, record);
  launch(state, record, start, history);
};

const abort = (state: State, arn: string, ending: Ending): ExecutionRecord => {
  const strand = state.running.get(arn)?.strand;
  const ended = end(state, arn, ending);
  strand?.cancel(new Cancelled('stopped'));
  return ended;
};

const redrive = (state: State, record: ExecutionRecord): ExecutionRecord => {
  const { context, tables, retention } = state;
  const checkpoint = tables.checkpoints.get(record.arn);
  if (!checkpoint) throw new AwsError('ExecutionNotRedrivable', `Execution '${record.arn}' is not redrivable`);
  const { stopMs: _stop, error: _error, cause: _cause, output: _output, historyLength: _length, ...kept } = record;
  const nowMs = context.clock.nowMs();
  const redriven = { ...kept, status: 'RUNNING', redriveCount: record.redriveCount + 1, redriveMs: nowMs } as const;
  const start = context.store.transaction(() => {
    retention.redriven(record);
    const history = openHistory(context, tables, record);
    const details = { redriveCount: redriven.redriveCount };
    let lastEventId = history.add(history.length(), 'ExecutionRedriven', 'executionRedrivenEventDetails', details);
    const mapRun = redriveMapRun(tables, checkpoint.pending, nowMs);
    if (mapRun) {
      const { arn: mapRunArn, redriveCount } = mapRun;
      const given = { mapRunArn, redriveCount };
      lastEventId = history.add(lastEventId, 'MapRunRedriven', 'mapRunRedrivenEventDetails', given);
    }
    const { state: name, input, entered, enteredEventId, variables, pending } = checkpoint;
    const position = { ...positionAt(name, input), entered, enteredEventId, enteredMs: nowMs };
    const again: Checkpoint = { ...position, variables, lastEventId, ...(mapRun ? { pending } : {}) };
    tables.executions.put(record.arn, redriven);
    tables.checkpoints.put(record.arn, again);
    return again;
  });
  announce(state, redriven);
  launch(state, redriven, start);
  return redriven;
};

const resumeAll = (state: State): void => {
  const { tables, running } = state;
  stopOrphans(tables, (arn) => end(state, arn, { status: 'ABORTED' }), state.context.clock.nowMs());
  for (const [arn, record] of tables.executions.entries()) {
    const checkpoint = record.status === 'RUNNING' && !running.has(arn) && tables.checkpoints.get(arn);
    if (checkpoint) launch(state, record, checkpoint);
  }
};

export const createExecutions = (deps: ExecutionsDeps): Executions => {
  const { clock, ids, store } = deps.context;
  const state: State = {
    ...deps,
    running: new Map(),
    jobs: jobWaitersOf(store),
    environment: { nowMs: clock.nowMs, random: ids.random, newId: ids.uuid },
    retention: createRetention(clock, deps.tables),
    load: createDefinitionLoader(deps.tables),
  };
  return {
    begin: (record) => begin(state, record),
    abort: (arn, ending) => abort(state, arn, ending),
    redrive: (record) => redrive(state, record),
    resumeAll: () => resumeAll(state),
    shutdown: async () => {
      const entries = [...state.running.values()];
      state.running.clear();
      for (const { strand } of entries) strand.cancel(new Cancelled('shutdown'));
      await Promise.all(entries.map(({ done }) => done));
    },
  };
};
