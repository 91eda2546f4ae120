import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { CloudIdentity, CloudPorts, FaultSource, LocalClock } from '../../contracts.ts';
import type { JobWaiters } from '../../jobs/job-waiters.ts';
import type { State } from '../definition/types.ts';
import type { History } from '../history.ts';
import type { QueryEnvironment, QueryScope } from '../query/evaluate.ts';
import type { Checkpoint, ExecutionRecord, StatesTables } from '../records.ts';
import type { TaskTokens } from '../task-tokens.ts';
import type { Strand } from './strand.ts';

/** Executions that a Map Run starts. */
interface Children {
  begin(record: ExecutionRecord): void;
  redrive(record: ExecutionRecord): ExecutionRecord;
  abort(arn: string): void;
}

/** What every state of an execution shares. */
export interface Runtime {
  readonly identity: CloudIdentity;
  readonly clock: LocalClock;
  readonly ports: CloudPorts;
  readonly faults: FaultSource;
  readonly tokens: TaskTokens;
  readonly jobs: JobWaiters;
  readonly environment: QueryEnvironment;
  readonly execution: ExecutionRecord;
  readonly stateMachineName: string;
  /** Parsed once. */
  readonly executionInput: JsonValue;
  readonly tables: StatesTables;
  /** All puts inside are written together or not at all. */
  readonly transaction: <T>(work: () => T) => T;
  readonly children: Children;
}

/** A run of states under one StartAt: the top level, a branch or an iteration. */
export interface Frame {
  readonly runtime: Runtime;
  readonly states: Readonly<Record<string, State>>;
  readonly strand: Strand;
  readonly history: History;
  lastEventId: number;
  variables: Readonly<Record<string, JsonValue>>;
  /** `Map` of the context object, inside an iteration. */
  readonly mapContext?: JsonValue;
  /** Top level only: makes the position durable. */
  readonly save?: (checkpoint: Checkpoint) => void;
  /** Runs the states of a child frame; handed down so that a Map can hold states that hold Maps. */
  readonly runGraph: RunGraph;
}

type RunGraph = (frame: Frame, startAt: string, input: JsonValue) => Promise<JsonValue>;

/** Where a frame stands: the state that is entered, and what it must remember over a restart. */
export interface Position extends Omit<Checkpoint, 'variables' | 'lastEventId'> {}

export const positionAt = (state: string, input: JsonValue): Position => ({
  state,
  input,
  entered: false,
  enteredMs: 0,
  enteredEventId: 0,
  retries: [],
  retryCount: 0,
});

/** A state being run. `update` changes what the position remembers and makes it durable at the top level. */
export interface Visit {
  readonly frame: Frame;
  readonly name: string;
  readonly position: () => Position;
  readonly update: (change: Partial<Position>) => void;
  /** Like `update`, but on disk only with the next one: for what a restart may forget. */
  readonly note: (change: Partial<Position>) => void;
}

export const record = (
  frame: Frame,
  type: string,
  detailsKey?: string,
  details?: Readonly<Record<string, unknown>>,
): number => {
  frame.lastEventId = frame.history.add(frame.lastEventId, type, detailsKey, details);
  return frame.lastEventId;
};

/** The context object as `$states.context`. */
const contextObject = (visit: Visit, taskToken?: string): Readonly<Record<string, JsonValue>> => {
  const { frame, name } = visit;
  const { execution, executionInput, stateMachineName } = frame.runtime;
  const position = visit.position();
  return {
    Execution: {
      Id: execution.arn,
      Input: executionInput,
      Name: execution.name,
      RoleArn: execution.roleArn,
      StartTime: new Date(execution.startMs).toISOString(),
      RedriveCount: execution.redriveCount,
      ...(execution.redriveMs === undefined ? {} : { RedriveTime: new Date(execution.redriveMs).toISOString() }),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: stateMachineName },
    State: { Name: name, EnteredTime: new Date(position.enteredMs).toISOString(), RetryCount: position.retryCount },
    ...(taskToken === undefined ? {} : { Task: { Token: taskToken } }),
    ...(frame.mapContext === undefined ? {} : { Map: frame.mapContext }),
  };
};

/** What expressions of the visited state see. */
export const queryScope = (
  visit: Visit,
  states: { readonly result?: JsonValue; readonly errorOutput?: JsonValue; readonly taskToken?: string } = {},
): QueryScope => {
  const { taskToken, ...rest } = states;
  return {
    states: { input: visit.position().input, context: contextObject(visit, taskToken), ...rest },
    variables: visit.frame.variables,
    environment: visit.frame.runtime.environment,
  };
};
