import type { JsonValue } from '../../../../shared/kernel/json.ts';

/** The Amazon States Language, JSONata only, as `validateDefinition` lets it through. */

/** A number, or a JSONata expression that gives one. */
type NumberField = number | string;
export type Template = JsonValue;

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

interface Common {
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
  readonly Next?: string;
  readonly End?: boolean;
}

interface Guarded extends Common {
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Guarded {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly Arguments?: Template;
  readonly TimeoutSeconds?: NumberField;
  readonly HeartbeatSeconds?: NumberField;
}

export interface PassState extends Common {
  readonly Type: 'Pass';
}

export interface WaitState extends Common {
  readonly Type: 'Wait';
  readonly Seconds?: NumberField;
  readonly Timestamp?: string;
}

interface ChoiceRule {
  readonly Condition: boolean | string;
  readonly Next: string;
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

export interface ChoiceState {
  readonly Type: 'Choice';
  readonly Choices: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Output?: Template;
  readonly Assign?: Readonly<Record<string, Template>>;
}

export interface SucceedState {
  readonly Type: 'Succeed';
  readonly Output?: Template;
}

export interface FailState {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
}

export interface StateGraph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface ParallelState extends Guarded {
  readonly Type: 'Parallel';
  readonly Branches: readonly StateGraph[];
  readonly Arguments?: Template;
}

interface ItemProcessor extends StateGraph {
  readonly ProcessorConfig?: {
    readonly Mode?: 'INLINE' | 'DISTRIBUTED';
    readonly ExecutionType?: 'STANDARD';
  };
}

export interface ItemReader {
  readonly Resource: string;
  readonly Arguments: Template;
  readonly ReaderConfig?: {
    readonly InputType?: 'CSV' | 'JSON' | 'JSONL' | 'PARQUET';
    readonly Transformation?: 'NONE' | 'LOAD_AND_FLATTEN';
    readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
    readonly CSVHeaders?: readonly string[];
    readonly CSVDelimiter?: string;
    readonly ItemsPointer?: string;
    readonly MaxItems?: NumberField;
  };
}

export interface ItemBatcher {
  readonly MaxItemsPerBatch?: NumberField;
  readonly MaxInputBytesPerBatch?: NumberField;
  readonly BatchInput?: Template;
}

export interface ResultWriter {
  readonly Resource?: string;
  readonly Arguments?: Template;
  readonly WriterConfig?: {
    readonly Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN';
    readonly OutputType?: 'JSON' | 'JSONL';
  };
}

export interface MapState extends Guarded {
  readonly Type: 'Map';
  readonly ItemProcessor: ItemProcessor;
  readonly Items?: Template;
  readonly ItemSelector?: Template;
  readonly ItemReader?: ItemReader;
  readonly ItemBatcher?: ItemBatcher;
  readonly ResultWriter?: ResultWriter;
  readonly MaxConcurrency?: NumberField;
  readonly ToleratedFailureCount?: NumberField;
  readonly ToleratedFailurePercentage?: NumberField;
  readonly Label?: string;
}

export type State =
  | TaskState
  | PassState
  | WaitState
  | ChoiceState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
export type GuardedState = TaskState | ParallelState | MapState;

export interface Definition extends StateGraph {
  readonly Comment?: string;
  readonly TimeoutSeconds?: number;
}

export interface Diagnostic {
  readonly severity: 'ERROR';
  readonly code: string;
  readonly message: string;
  /** JSON pointer such as /States/Train/Next. */
  readonly location: string;
}
