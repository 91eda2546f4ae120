import type { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';

/**
 * What the parts of the embedded cloud are to each other. A service implements `LocalService`; the server routes
 * signed requests to it by the service name in the credential scope; the deployer provisions CloudFormation
 * resources through its providers. Services call each other only through `CloudPorts`.
 */

// ── Time ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface TimerHandle {
  cancel(): void;
}

/** The one clock. Never use Date.now, setTimeout or setInterval for anything that a user would call time. */
export interface LocalClock {
  nowMs(): number;
  /**
   * Runs `task` once at `atMs` (virtual; a past instant means as soon as possible). Timers at the same instant run
   * in the order set. A rejected task is reported to the cloud's log, never lost.
   */
  at(atMs: number, label: string, task: () => void | Promise<void>): TimerHandle;
  /** Marks work in progress: the clock does not leap until every hold is released. Returns the release. */
  hold(label: string): () => void;
  /** `hold` around a promise. */
  during<T>(label: string, work: () => Promise<T>): Promise<T>;
  /**
   * `during` for work outside this thread: compression, a database engine, a child process. A simulation waits for it in
   * real time and takes its outcome in an order of its own. Operations on files need none of it.
   */
  native<T>(label: string, work: () => Promise<T>): Promise<T>;
}

// ── Randomness ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The one source of ids and chance: drawn from the seed in simulation mode, from the machine otherwise. */
export interface IdSource {
  uuid(): string;
  bytes(length: number): Buffer;
  /** Uniform in [0, 1). */
  random(): number;
}

// ── State that survives the process ─────────────────────────────────────────────────────────────────────────────

/** A durable map of JSON documents: a put is on disk when it returns (or committed with its batch). */
export interface DocumentTable<T> {
  get(key: string): T | undefined;
  put(key: string, value: T): void;
  delete(key: string): void;
  /** In key order. */
  entries(prefix?: string): readonly (readonly [key: string, value: T])[];
}

export interface StateStore {
  /** Folder of this cloud's state; a service may keep files in `<folder>/<service>`. */
  readonly folder: string;
  table<T>(name: string): DocumentTable<T>;
  /** All puts and deletes inside are written together or not at all. Synchronous. */
  transaction<T>(work: () => T): T;
}

// ── Wire ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Who calls: the role behind the credentials, or the laptop's user. */
export interface Caller {
  /** Role ARN for functions, executions and services; `arn:aws:iam::<account>:user/local` for a person. */
  readonly arn: string;
  readonly accessKeyId: string;
  /** Of the role's session: a function's name, an execution's. Absent for a user. */
  readonly sessionName?: string;
}

/** An AWS service that acts by itself, allowed by the target's resource policy, or as a role that it was given. */
export interface ServicePrincipal {
  /** Such as `events.amazonaws.com`. */
  readonly service: string;
  /** What it acts for: `aws:SourceArn` of the rule, topic, schedule, API or function. */
  readonly sourceArn?: string;
  /** Given by rules and schedules whose targets want a role. */
  readonly roleArn?: string;
}

/** One permission that an operation needs. An operation may need several, each asked for by itself. */
export interface AccessRequest {
  readonly principal: Caller | ServicePrincipal;
  /** `service:Operation` as IAM spells it, e.g. `s3:GetObject`. */
  readonly action: string;
  /** ARN, or `*` for actions without resources. */
  readonly resource: string;
  /** Condition keys and their values here, e.g. `kms:ViaService`. */
  readonly conditions?: Readonly<Record<string, string | readonly string[]>>;
  /** The resource's own policy document, if it has one (bucket, key, queue, topic, function). */
  readonly resourcePolicy?: unknown;
}

/** Decides by the template's policies. Services ask after decoding a request and before any effect. */
export interface AccessControl {
  /** @throws AwsError the service's access-denied error, in AWS's words: principal, action, resource, and why. */
  require(request: AccessRequest): void;
}

export interface WireRequest {
  readonly method: string;
  /** Path and query as received, percent-encoded. */
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
  /** The whole body; refuses above `limitBytes` (default 64 MiB). */
  readBody(limitBytes?: number): Promise<Buffer>;
  readonly caller: Caller;
  readonly requestId: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

/** An error as AWS names it. Each protocol renders it; `code` is the wire name such as ResourceNotFoundException. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status = 400, extra: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

// ── Services ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What an operation takes, as told by the code that serves it. Every other option is refused by name. */
export interface OperationSupport {
  /** AWS's name of the operation, or a REST route such as `GET /schedules/{Name}`. */
  readonly name: string;
  /** Options in AWS's spelling; those of a structure follow it: `Target`, `Target.Arn`, `Tags[].Key`. */
  readonly supported: readonly string[];
  /** Accepted without effect here, and why. */
  readonly ignored: readonly { readonly option: string; readonly reason: string }[];
  /** Options without which the operation refuses a request whatever else it holds. */
  readonly required: readonly string[];
  /** Why the lists may be short: the reader stopped before its end. Absent when it ran through. */
  readonly gap?: string;
}

export interface WireHandler {
  (request: WireRequest): Promise<WireResponse>;
  /** Every operation served. Runs the readers of requests without a request (`protocols/operation-support.ts`). */
  readonly operations?: () => Promise<readonly OperationSupport[]>;
}

export interface LocalService {
  /** Service name in the SigV4 credential scope: dynamodb, s3, lambda, states, events, monitoring, … */
  readonly signingName: string;
  readonly handle: WireHandler;
  /** CloudFormation types that this service provisions, e.g. `AWS::DynamoDB::Table`. */
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  /** Called once after every service exists and persisted state is loaded: resume timers, executions, deliveries. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

export interface ResourceContext {
  readonly stackName: string;
  readonly logicalId: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** A physical name like CloudFormation's: `<stack>-<logicalId>-<suffix>`, stable over restarts and updates. */
  readonly generatedName: string;
}

export interface ProvisionedResource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives; nested names are dotted, e.g. `Endpoint.Address`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Provisions one CloudFormation type. Unknown properties are refused by name (`AwsError('UnsupportedProperty', …)`);
 * properties without effect here (tags, log retention) are accepted only by being listed. `create` may be called
 * again for a resource that stands (a start after a kill): it must then leave it as it is and return it.
 */
export interface ResourceProvider {
  create(context: ResourceContext): Promise<ProvisionedResource>;
  update(
    context: ResourceContext & {
      readonly physicalId: string;
      readonly previousProperties: Readonly<Record<string, unknown>>;
    },
  ): Promise<ProvisionedResource>;
  delete(context: ResourceContext & { readonly physicalId: string }): Promise<void>;
}

// ── What services offer each other ──────────────────────────────────────────────────────────────────────────────

export interface CloudIdentity {
  readonly region: string;
  readonly accountId: string;
  readonly partition: 'aws';
}

export interface InvokeRequest {
  /** Function name or ARN, with or without qualifier. */
  readonly functionName: string;
  readonly qualifier?: string;
  /** JSON text. */
  readonly payload: string;
  readonly invocationType: 'RequestResponse' | 'Event';
  /** Who invokes: asked of the function's resource policy or the role's. Absent for the cloud's own work. */
  readonly principal?: Caller | ServicePrincipal;
}

export interface InvokeResult {
  readonly statusCode: number;
  /** `Unhandled` when the function failed; the payload is then {errorType, errorMessage, trace?}. */
  readonly functionError?: string;
  /** JSON text. */
  readonly payload: string;
  readonly executedVersion: string;
}

export interface CloudPorts {
  /** @throws AwsError ResourceNotFoundException, TooManyRequestsException … */
  invokeFunction(request: InvokeRequest): Promise<InvokeResult>;
  /** Puts an event on a bus (`default` for AWS's own events). Delivery is asynchronous. */
  putEvent(event: {
    readonly busName: string;
    readonly source: string;
    readonly detailType: string;
    readonly detail: unknown;
    readonly resources?: readonly string[];
  }): void;
  putMetric(metric: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: Readonly<Record<string, string>>;
    readonly value: number;
    readonly unit?: string;
    readonly atMs?: number;
  }): void;
  /** A function's stdout/stderr line; EMF lines become metrics. */
  putLogLine(line: {
    readonly logGroup: string;
    readonly logStream: string;
    readonly atMs: number;
    readonly message: string;
  }): void;
  /** Starts a Step Functions execution. @throws AwsError ExecutionAlreadyExists … */
  startExecution(request: {
    readonly stateMachineArn: string;
    readonly name?: string;
    readonly input: string;
    /** The role that starts it. */
    readonly roleArn: string;
  }): Promise<{ readonly executionArn: string }>;
  /** Delivers JSON to a target by its ARN (lambda, states, sns, sqs, events bus, firehose). Rejects when the target refuses. */
  deliver(
    targetArn: string,
    payload: string,
    parameters?: Readonly<Record<string, unknown>>,
    from?: ServicePrincipal,
  ): Promise<void>;
  /**
   * Any AWS API call made by a service on behalf of a role (state machine tasks): `call('dynamodb', 'PutItem', {...})`
   * with SDK-cased parameters, answered as the SDK would. @throws AwsError
   */
  call(service: string, action: string, parameters: unknown, roleArn: string): Promise<unknown>;
  log(line: {
    readonly level: 'info' | 'warn' | 'error';
    readonly message: string;
    readonly [key: string]: unknown;
  }): void;
}

// ── Faults ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** An AWS API call on its way: by a function's SDK, by a service for a role (a workflow's task), or by a client. */
export interface CallSite {
  readonly origin: 'function' | 'service' | 'client';
  /** Function name, state machine or service that calls. */
  readonly caller: string;
  /** Request id of the invocation, for functions. */
  readonly invocationId?: string;
  /** Position of this call within its invocation, from 0. */
  readonly ordinal: number;
  /** Signing name and operation, e.g. `dynamodb` and `TransactWriteItems`. */
  readonly service: string;
  readonly operation: string;
  /** The same for every try of one call (the SDK's header `amz-sdk-invocation-id`). Absent where nothing tries again. */
  readonly callId?: string;
}

export type CallFault =
  | { readonly kind: 'throttle' }
  /** 500 or 503 before any effect. */
  | { readonly kind: 'server-error' }
  /** The effect happens; the answer comes so much later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The effect happens; the connection breaks before the answer. */
  | { readonly kind: 'lost-answer' }
  /** The caller's environment dies before the call leaves, or after its effect. Functions only. */
  | { readonly kind: 'kill-before' }
  | { readonly kind: 'kill-after' };

/** Something handed over asynchronously: an event to a target, a message to a queue's consumer, an async invocation. */
export interface DeliverySite {
  readonly service: string;
  readonly source: string;
  readonly targetArn: string;
}

export type DeliveryFault =
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'delay'; readonly delayMs: number }
  | { readonly kind: 'reject' };

export interface JobSite {
  readonly service: 'sagemaker' | 'batch';
  readonly jobName: string;
  readonly attempt: number;
}

export type JobFault =
  /** The process is killed after so much of its time. */
  | { readonly kind: 'kill'; readonly afterMs: number }
  | { readonly kind: 'spot-interruption'; readonly afterMs: number };

export interface ReadSite {
  readonly service: 'dynamodb';
  readonly table: string;
  readonly index?: string;
}

/** Asked at every place where AWS may fail; says what goes wrong there, or nothing. */
export interface FaultSource {
  call(site: CallSite): CallFault | undefined;
  delivery(site: DeliverySite): DeliveryFault | undefined;
  job(site: JobSite): JobFault | undefined;
  /** How old an eventually consistent read may be: milliseconds of virtual time; 0 for up to date. */
  staleMs(site: ReadSite): number;
  /** What a new execution environment's clock is off by. */
  clockSkewMs(functionName: string): number;
}

export const NO_FAULTS: FaultSource = {
  call: () => undefined,
  delivery: () => undefined,
  job: () => undefined,
  staleMs: () => 0,
  clockSkewMs: () => 0,
};

export interface ServiceContext extends CloudIdentity {
  readonly clock: LocalClock;
  readonly ids: IdSource;
  readonly access: AccessControl;
  readonly faults: FaultSource;
  readonly store: StateStore;
  /** Resolved late: use inside requests and `start`, not while services are being constructed. */
  readonly ports: CloudPorts;
  /** Base URL of the endpoint, e.g. http://127.0.0.1:4566. */
  readonly endpoint: () => string;
}

/** Every service module exports one of these. */
export type CreateService = (context: ServiceContext) => LocalService;
