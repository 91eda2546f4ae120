import type { JsonValue } from '../../../shared/kernel/json.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { type JobWaiters, jobWaitersOf } from '../jobs/job-waiters.ts';
import { announceStatus, logEvent } from './announce.ts';
import type { Definition } from './definition/types.ts';
import { Cancelled, StateFailure } from './failure.ts';
import { createHistory, type History } from './history.ts';
import type { QueryEnvironment } from './query/evaluate.ts';
import { type Checkpoint, definitionKey, type ExecutionRecord, historyKey, type StatesTables } from './records.ts';
import { type Frame, positionAt, type Runtime } from './run/frame.ts';
import { payloadText } from './run/limits.ts';
import { runStates } from './run/run-states.ts';
import { createStrand, type Strand } from './run/strand.ts';
import type { TaskTokens } from './task-tokens.ts';

export interface ExecutionsDeps {
  readonly context: ServiceContext;
  readonly tables: StatesTables;
  readonly tokens: TaskTokens;
  readonly environment: QueryEnvironment;
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
  /** Enters the state that failed once more. */
  redrive(record: ExecutionRecord): ExecutionRecord;
  /** Goes on with every execution that was running when the process ended. */
  resumeAll(): void;
  /** Lets go of everything; what runs goes on at the next `resumeAll`. */
  shutdown(): Promise<void>;
}

const ENDINGS = {
  SUCCEEDED: ['ExecutionSucceeded', 'executionSucceededEventDetails'],
  FAILED: ['ExecutionFailed', 'executionFailedEventDetails'],
  TIMED_OUT: ['ExecutionTimedOut', 'executionTimedOutEventDetails'],
  ABORTED: ['ExecutionAborted', 'executionAbortedEventDetails'],
} as const;

interface State extends ExecutionsDeps {
  readonly running: Map<string, Running>;
  readonly jobs: JobWaiters;
}

const openHistory = ({ context, tables }: State, record: ExecutionRecord): History =>
  createHistory({
    nowMs: context.clock.nowMs,
    length: tables.historyLengths.get(record.arn) ?? 0,
    write: (event) => {
      context.store.transaction(() => {
        tables.history.put(historyKey(record.arn, event.id), event);
        tables.historyLengths.put(record.arn, event.id);
      });
      logEvent(context, record, event);
    },
  });

const loadDefinition = ({ tables }: State, record: ExecutionRecord): Definition => {
  const text = tables.definitions.get(definitionKey(record.stateMachineArn, record.revisionId));
  if (text === undefined) throw new Error(`the definition of ${record.arn} is gone`);
  return JSON.parse(text) as Definition;
};

/** Writes how an execution ended, once. */
const end = (state: State, arn: string, ending: Ending): ExecutionRecord => {
  const { context, tables, running, jobs } = state;
  const record = tables.executions.get(arn);
  if (!record) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  if (record.status !== 'RUNNING') return record;
  const current = running.get(arn);
  running.delete(arn);
  const ended: ExecutionRecord = { ...record, ...ending, stopMs: context.clock.nowMs() };
  const [type, detailsKey] = ENDINGS[ending.status as keyof typeof ENDINGS];
  const details =
    ending.status === 'SUCCEEDED'
      ? { output: ending.output, outputDetails: { truncated: false } }
      : { error: ending.error, cause: ending.cause };
  context.store.transaction(() => {
    const history = current?.history ?? openHistory(state, record);
    const previous = current?.frame.lastEventId ?? tables.historyLengths.get(arn) ?? 0;
    history.add(previous, type, detailsKey, details);
    tables.executions.put(arn, ended);
    // A failed execution keeps its place: redrive enters the state again.
    if (ending.status === 'SUCCEEDED') tables.checkpoints.delete(arn);
  });
  announceStatus(context, ended);
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
  const { region, accountId, partition, clock, ports } = context;
  return {
    identity: { region, accountId, partition },
    clock,
    ports,
    tokens,
    jobs,
    environment,
    execution: record,
    stateMachineName: record.stateMachineArn.split(':').at(-1) ?? '',
    executionInput: JSON.parse(record.input) as JsonValue,
    saveMapRun: (mapRun) => tables.mapRuns.put(mapRun.arn, mapRun),
  };
};

/** Runs an execution from a checkpoint. The clock is held from here on. */
const launch = (state: State, record: ExecutionRecord, checkpoint: Checkpoint): void => {
  const { context, tables, running } = state;
  const definition = loadDefinition(state, record);
  const strand = createStrand(context.clock, `execution ${record.name}`);
  const history = openHistory(state, record);
  const frame: Frame = {
    runtime: runtimeOf(state, record),
    states: definition.States,
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
  const { TimeoutSeconds: timeoutSeconds } = definition;
  const timeout =
    timeoutSeconds === undefined
      ? undefined
      : context.clock.at(
          (record.redriveMs ?? record.startMs) + timeoutSeconds * 1000,
          `execution timeout ${record.name}`,
          () => {
            end(state, record.arn, { status: 'TIMED_OUT', error: 'States.Timeout' });
            strand.cancel(new Cancelled('stopped'));
          },
        );
  entry.done = drive(state, record, frame, checkpoint).finally(() => {
    timeout?.cancel();
    strand.finish();
  });
};

const begin = (state: State, record: ExecutionRecord): void => {
  const { context, tables } = state;
  const input = JSON.parse(record.input) as JsonValue;
  const checkpoint = context.store.transaction(() => {
    openHistory(state, record).add(0, 'ExecutionStarted', 'executionStartedEventDetails', {
      input: record.input,
      inputDetails: { truncated: false },
      roleArn: record.roleArn,
    });
    const first = positionAt(loadDefinition(state, record).StartAt, input);
    // AWS numbers ExecutionStarted 1, yet the first state's previousEventId is 0.
    const start: Checkpoint = { ...first, variables: {}, lastEventId: 0 };
    tables.executions.put(record.arn, record);
    tables.checkpoints.put(record.arn, start);
    return start;
  });
  announceStatus(context, record);
  launch(state, record, checkpoint);
};

const redrive = (state: State, record: ExecutionRecord): ExecutionRecord => {
  const { context, tables } = state;
  const checkpoint = tables.checkpoints.get(record.arn);
  if (!checkpoint) throw new AwsError('ExecutionNotRedrivable', `Execution '${record.arn}' is not redrivable`);
  const { stopMs: _stop, error: _error, cause: _cause, output: _output, ...kept } = record;
  const redriven: ExecutionRecord = {
    ...kept,
    status: 'RUNNING',
    redriveCount: record.redriveCount + 1,
    redriveMs: context.clock.nowMs(),
  };
  const again = context.store.transaction(() => {
    const history = openHistory(state, redriven);
    const details = { redriveCount: redriven.redriveCount };
    const lastEventId = history.add(
      checkpoint.lastEventId,
      'ExecutionRedriven',
      'executionRedrivenEventDetails',
      details,
    );
    const { entered, enteredEventId } = checkpoint;
    const position = { ...positionAt(checkpoint.state, checkpoint.input), entered, enteredEventId };
    const start: Checkpoint = {
      ...position,
      enteredMs: context.clock.nowMs(),
      variables: checkpoint.variables,
      lastEventId,
    };
    tables.executions.put(record.arn, redriven);
    tables.checkpoints.put(record.arn, start);
    return start;
  });
  announceStatus(context, redriven);
  launch(state, redriven, again);
  return redriven;
};

export const createExecutions = (deps: ExecutionsDeps): Executions => {
  const state: State = { ...deps, running: new Map(), jobs: jobWaitersOf(deps.context.store) };
  return {
    begin: (record) => begin(state, record),
    abort: (arn, ending) => {
      const strand = state.running.get(arn)?.strand;
      const ended = end(state, arn, ending);
      strand?.cancel(new Cancelled('stopped'));
      return ended;
    },
    redrive: (record) => redrive(state, record),
    resumeAll: () => {
      for (const [arn, record] of deps.tables.executions.entries()) {
        const checkpoint = record.status === 'RUNNING' && !state.running.has(arn) && deps.tables.checkpoints.get(arn);
        if (checkpoint) launch(state, record, checkpoint);
      }
    },
    shutdown: async () => {
      const entries = [...state.running.values()];
      state.running.clear();
      for (const { strand } of entries) strand.cancel(new Cancelled('shutdown'));
      await Promise.all(entries.map(({ done }) => done));
    },
  };
};
