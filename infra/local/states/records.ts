import type { JsonValue } from '../../../shared/kernel/json.ts';
import type { DocumentTable, StateStore } from '../contracts.ts';

/** What the service keeps on disk. */

export interface LoggingConfiguration {
  readonly level?: 'ALL' | 'ERROR' | 'FATAL' | 'OFF';
  readonly includeExecutionData?: boolean;
  readonly destinations?: readonly { readonly cloudWatchLogsLogGroup: { readonly logGroupArn: string } }[];
}

export interface StateMachineRecord {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly revisionId: string;
  readonly logging: LoggingConfiguration;
  readonly tracingEnabled: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface ExecutionRecord {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly roleArn: string;
  /** Which text of the definition this execution runs. */
  readonly revisionId: string;
  readonly logging: LoggingConfiguration;
  readonly status: ExecutionStatus;
  readonly startMs: number;
  readonly stopMs?: number;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly traceHeader?: string;
  readonly redriveCount: number;
  readonly redriveMs?: number;
  /** How many events the history holds, once the execution ended. */
  readonly historyLength?: number;
  readonly mapRunArns?: readonly string[];
  /** Of a child execution: the Map Run that it belongs to, and the Map state whose ItemProcessor it runs. */
  readonly mapRun?: { readonly arn: string; readonly state: string; readonly itemCount: number };
  /** Of the last redrive's request. */
  readonly redriveToken?: string;
}

export type TokenAnswer = { readonly output: JsonValue } | { readonly error: string; readonly cause: string };

/** What a task that waits for the outside must remember to go on waiting after a restart. */
export type PendingTask =
  | { readonly kind: 'token'; readonly token: string; readonly answer?: TokenAnswer | undefined }
  | { readonly kind: 'job'; readonly service: string; readonly id: string; readonly output: JsonValue }
  | { readonly kind: 'map-run'; readonly mapRunArn: string };

/** Where the top level of an execution stands: enough to enter its current state again. */
export interface Checkpoint {
  readonly state: string;
  readonly input: JsonValue;
  readonly variables: Readonly<Record<string, JsonValue>>;
  readonly lastEventId: number;
  /** False until StateEntered is in the history. */
  readonly entered: boolean;
  readonly enteredMs: number;
  readonly enteredEventId: number;
  /** Attempts made per retrier of the state. */
  readonly retries: readonly number[];
  readonly retryCount: number;
  /** When the next attempt is due. */
  readonly retryAtMs?: number | undefined;
  /** When the Wait state ends. */
  readonly wakeAtMs?: number | undefined;
  readonly pending?: PendingTask | undefined;
  readonly attemptStartedMs?: number | undefined;
}

export interface HistoryEvent {
  readonly timestampMs: number;
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  /** Name of the details member, e.g. `taskFailedEventDetails`. */
  readonly detailsKey?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A run of a distributed Map: one attempt of its state. */
export interface MapRunRecord {
  readonly arn: string;
  /** Of the execution that runs the Map state. */
  readonly executionArn: string;
  /** `<state machine ARN>/<label>`: the state machine of the children. */
  readonly stateMachineArn: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startMs: number;
  readonly stopMs?: number;
  /** 0 for as many as AWS allows. */
  readonly maxConcurrency: number;
  /** Failed items that are let pass; absent where the definition sets no limit of this kind. */
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  /** Items over all batches. */
  readonly itemCount: number;
  /** Items whose results the ResultWriter has written. */
  readonly resultsWritten: number;
  readonly redriveCount: number;
  readonly redriveMs?: number;
}

/** What one child execution of a Map Run is for. */
export interface MapBatchRecord {
  /** JSON text of the child's input; with the child once that was started. */
  readonly input?: string;
  readonly itemCount: number;
  readonly executionArn?: string;
  /** Redrives of the Map Run when the child was last started. */
  readonly round: number;
}

export interface StatesTables {
  readonly machines: DocumentTable<StateMachineRecord>;
  /** Definition text by `<state machine ARN>/<revision>`: kept, since executions run the text they started with. */
  readonly definitions: DocumentTable<string>;
  readonly executions: DocumentTable<ExecutionRecord>;
  readonly checkpoints: DocumentTable<Checkpoint>;
  /** By `<execution ARN>/<id>`, zero-padded. */
  readonly history: DocumentTable<HistoryEvent>;
  readonly mapRuns: DocumentTable<MapRunRecord>;
  /** By `<Map Run ARN>/<index>`, zero-padded. */
  readonly mapBatches: DocumentTable<MapBatchRecord>;
  /** Executions that ended, by `<day>/<execution ARN>`: what is forgotten after its retention. */
  readonly ended: DocumentTable<true>;
}

export const openStatesTables = (store: StateStore): StatesTables => ({
  machines: store.table('states/machines'),
  definitions: store.table('states/definitions'),
  executions: store.table('states/executions'),
  checkpoints: store.table('states/checkpoints'),
  history: store.table('states/history'),
  mapRuns: store.table('states/map-runs'),
  mapBatches: store.table('states/map-batches'),
  ended: store.table('states/ended'),
});

export const definitionKey = (stateMachineArn: string, revisionId: string): string =>
  `${stateMachineArn}/${revisionId}`;
export const historyKey = (executionArn: string, id: number): string =>
  `${executionArn}/${String(id).padStart(6, '0')}`;
export const batchKey = (mapRunArn: string, index: number): string => `${mapRunArn}/${String(index).padStart(9, '0')}`;

/** The state machine that a child's `<ARN>/<label>` belongs to; any other ARN as it is. */
export const parentMachineArn = (stateMachineArn: string): string => stateMachineArn.split('/')[0] ?? stateMachineArn;
