import { join } from 'node:path';
import { keepDimensionSets } from '../cloudwatch/dimension-sets.ts';
import { AwsError, type InvokeResult } from '../contracts.ts';
import { createEnvironment, type Environment, type Outcome } from './environment.ts';
import { type FunctionReference, isVersion, parseFunctionReference } from './function-store.ts';
import type { LambdaState } from './lambda-state.ts';
import { createLogWriter } from './log-writer.ts';
import { LATEST, type VersionRecord } from './records.ts';

export interface Invocation {
  readonly functionName: string;
  readonly qualifier?: string | undefined;
  /** JSON text. */
  readonly payload: string;
  /** Kept over the retries of an asynchronous invocation. */
  readonly requestId?: string;
}

export interface InvocationResult extends InvokeResult {
  /** The last 4 KB of what was logged. */
  readonly logTail: () => string;
}

export const SYNC_PAYLOAD_BYTES = 6_291_456;

/** What an alias or a qualifier leads to for this one request. */
interface Target {
  readonly reference: FunctionReference;
  readonly version: VersionRecord;
  readonly alias: string | undefined;
}

/** The version that serves this request: an alias draws between its versions by weight. @throws AwsError */
export const chooseTarget = (state: LambdaState, { functionName, qualifier }: Invocation): Target => {
  const reference = parseFunctionReference(functionName, qualifier);
  const { name, qualifier: chosen = LATEST } = reference;
  const { store, context } = state;
  const nowMs = context.clock.nowMs();
  if (isVersion(chosen)) return { reference, version: store.getRunning(name, chosen, nowMs), alias: undefined };
  const alias = store.getAlias(name, chosen);
  let remaining = Object.keys(alias.routing).length === 0 ? 1 : context.ids.random();
  for (const [version, weight] of Object.entries(alias.routing)) {
    if (remaining < weight) return { reference, version: store.getRunning(name, version, nowMs), alias: chosen };
    remaining -= weight;
  }
  return { reference, version: store.getRunning(name, alias.functionVersion, nowMs), alias: chosen };
};

/** @throws AwsError RequestTooLargeException */
export const checkPayloadSize = (payload: string, limitBytes: number): void => {
  if (Buffer.byteLength(payload) > limitBytes) {
    throw new AwsError(
      'RequestTooLargeException',
      `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
      413,
      { Type: 'User' },
    );
  }
};

/** @throws AwsError for a payload that is too large, or no JSON */
export const checkPayload = (payload: string, limitBytes: number): void => {
  checkPayloadSize(payload, limitBytes);
  try {
    JSON.parse(payload);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`, 400, {
      Type: 'User',
    });
  }
};

type MetricName = 'Invocations' | 'Errors' | 'Throttles' | 'Duration';

/** AWS tells versions apart only for what came through an alias. */
const dimensionSets = keepDimensionSets((FunctionName: string, alias?: string, ExecutedVersion?: string) => {
  if (alias === undefined || ExecutedVersion === undefined)
    return [{ FunctionName }, { FunctionName, Resource: FunctionName }];
  const resource = { FunctionName, Resource: `${FunctionName}:${alias}` };
  return [{ FunctionName }, resource, { ...resource, ExecutedVersion }];
});

const putMetrics = (
  { context }: LambdaState,
  { reference: { name }, alias, version }: Target,
  values: Readonly<Partial<Record<MetricName, number>>>,
): void => {
  const sets = alias === undefined ? dimensionSets(name) : dimensionSets(name, alias, version.version);
  for (const [metric, value] of Object.entries(values)) {
    const unit = metric === 'Duration' ? 'Milliseconds' : 'Count';
    for (const dimensions of sets) {
      context.ports.putMetric({ namespace: 'AWS/Lambda', name: metric, dimensions, value, unit });
    }
  }
};

const environmentVariables = (
  state: LambdaState,
  { functionName, version, settings }: VersionRecord,
  logStream: string,
): Record<string, string> => {
  const { region, endpoint } = state.context;
  const session = state.credentials.issue(settings.role, functionName);
  return {
    ...settings.environment,
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken ?? '',
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint(),
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memorySizeMb),
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_REGION: region,
    LAMBDA_TASK_ROOT: state.code.folderOf(settings.code),
    LANG: 'en_US.UTF-8',
    NODE_PATH: state.nodePath,
    TZ: ':UTC',
    _HANDLER: settings.handler,
  };
};

const startEnvironment = (state: LambdaState, record: VersionRecord): Environment => {
  const { context, sharedClock, code } = state;
  const id = context.ids.uuid().replaceAll('-', '');
  const day = new Date(context.clock.nowMs()).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStream = `${day}/[${record.version}]${id}`;
  const create = state.createEnvironment ?? createEnvironment;
  return create({
    taskRoot: code.folderOf(record.settings.code),
    handler: record.settings.handler,
    environment: environmentVariables(state, record, logStream),
    memorySizeMb: record.settings.memorySizeMb,
    sharedClock,
    temporaryFolder: join(context.store.folder, 'lambda', 'tmp', id),
    logStream,
  });
};

/** Environments of `$LATEST` are told apart by the revision, so that a changed function never runs in an old one. */
export const poolKey = ({ functionName, version, revisionId }: VersionRecord): string =>
  version === LATEST ? `${functionName}/${version}/${revisionId}` : `${functionName}/${version}`;

const execute = async (state: LambdaState, target: Target, invocation: Invocation): Promise<InvocationResult> => {
  const { version, reference } = target;
  const { settings } = version;
  const requestId = invocation.requestId ?? state.context.ids.uuid();
  const run = async (environment: Environment, cold: boolean): Promise<InvocationResult> => {
    const { ports, clock } = state.context;
    const log = createLogWriter({ ports, clock, settings, logStream: environment.logStream, requestId });
    log.start(version.version);
    const startedAtMs = environment.nowMs();
    const outcome: Outcome = await environment.invoke(
      {
        payload: invocation.payload,
        requestId,
        invokedFunctionArn: state.store.functionArn(reference.name, reference.qualifier),
        timeoutMs: settings.timeoutSeconds * 1_000,
      },
      log.write,
    );
    const initMs = cold ? environment.initMs() : undefined;
    const durationMs = Math.max(0, environment.nowMs() - startedAtMs - (initMs ?? 0));
    const timedOut = !environment.alive() && outcome.payload.includes('Sandbox.Timedout');
    if (outcome.functionError) log.write(outcome.payload, 'ERROR');
    log.report({ durationMs, initMs, timedOut });
    putMetrics(state, target, {
      Invocations: 1,
      Errors: outcome.functionError ? 1 : 0,
      Throttles: 0,
      Duration: durationMs,
    });
    return { statusCode: 200, executedVersion: version.version, logTail: log.tail, ...outcome };
  };
  return state.pool.use(poolKey(version), () => startEnvironment(state, version), run);
};

const begin = (state: LambdaState, target: Target): (() => void) => {
  try {
    return state.concurrency.begin(target.reference.name);
  } catch (error) {
    putMetrics(state, target, { Throttles: 1 });
    throw error;
  }
};

/** Runs a function once and waits for its answer. @throws AwsError when it cannot be run; a failed function is a result. */
export const invokeSync = async (state: LambdaState, invocation: Invocation): Promise<InvocationResult> => {
  const target = chooseTarget(state, invocation);
  const { name } = target.reference;
  const end = begin(state, target);
  try {
    return await state.context.clock.during(`function ${name}`, () => execute(state, target, invocation));
  } finally {
    end();
  }
};
