import { AwsError, type DeliveryFault, type DocumentTable, type ServicePrincipal } from '../contracts.ts';
import { parseFunctionReference } from './function-store.ts';
import { chooseTarget, type InvocationResult, invokeSync } from './invocation.ts';
import type { LambdaState } from './lambda-state.ts';
import { type EventInvokeConfig, LATEST } from './records.ts';

/** An accepted asynchronous invocation, kept until it succeeded or was given up: at least once, as AWS promises. */
interface QueuedEvent {
  readonly requestId: string;
  readonly functionName: string;
  readonly qualifier?: string;
  readonly payload: string;
  readonly acceptedAtMs: number;
  readonly nextAtMs: number;
  /** Executions that failed. */
  readonly failures: number;
  /** Attempts that found no concurrency. */
  readonly throttles: number;
  /** Set when a fault has held this attempt back: it is not asked for again. */
  readonly delayed?: boolean;
}

export interface AsyncQueue {
  /** Accepts an event; it runs by itself. @throws AwsError ResourceNotFoundException */
  accept(event: {
    readonly functionName: string;
    readonly qualifier?: string | undefined;
    readonly payload: string;
  }): string;
  /** Takes up what an earlier process accepted. */
  resume(): void;
}

export const ASYNC_PAYLOAD_BYTES = 1_048_576;
const DEFAULT_RETRIES = 2;
const DEFAULT_MAX_AGE_SECONDS = 21_600;
/** Lambda waits one minute before the first retry and two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];
const LONGEST_THROTTLE_DELAY_MS = 300_000;

const configOf = ({ store }: LambdaState, event: QueuedEvent): EventInvokeConfig | undefined =>
  store.invokeConfigs.get(`${event.functionName}/${event.qualifier ?? LATEST}`);

type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

const destinationRecord = (
  state: LambdaState,
  event: QueuedEvent,
  condition: Condition,
  result: InvocationResult | undefined,
): string => {
  const functionArn = state.store.functionArn(event.functionName, event.qualifier ?? LATEST);
  const record = {
    version: '1.0',
    timestamp: new Date(state.context.clock.nowMs()).toISOString(),
    requestContext: {
      requestId: event.requestId,
      functionArn,
      condition,
      approximateInvokeCount: event.failures + (condition === 'Success' ? 1 : 0),
    },
    requestPayload: JSON.parse(event.payload) as unknown,
    ...(result === undefined
      ? {}
      : {
          responseContext: {
            statusCode: result.statusCode,
            executedVersion: result.executedVersion,
            ...(result.functionError === undefined ? {} : { functionError: result.functionError }),
          },
          responsePayload: JSON.parse(result.payload) as unknown,
        }),
  };
  return JSON.stringify(record);
};

/** Lambda as the function's role: dead letters and destinations need the role's permission. */
const asRoleOf = ({ store }: LambdaState, event: QueuedEvent): ServicePrincipal => ({
  service: 'lambda.amazonaws.com',
  sourceArn: store.functionArn(event.functionName),
  roleArn: store.getVersion(event.functionName, LATEST).settings.role,
});

const deliver = async (
  state: LambdaState,
  event: QueuedEvent,
  arn: string,
  message: { readonly payload: string; readonly parameters?: Readonly<Record<string, unknown>> },
): Promise<void> => {
  try {
    await state.context.ports.deliver(arn, message.payload, message.parameters, asRoleOf(state, event));
  } catch (error) {
    state.context.ports.log({
      level: 'error',
      message: `an asynchronous invocation's record was not delivered to ${arn}`,
      reason: String(error),
    });
  }
};

/** Sends a given-up event to the on-failure destination and to the dead-letter target. */
const giveUp = async (
  state: LambdaState,
  event: QueuedEvent,
  condition: Condition,
  result: InvocationResult | undefined,
): Promise<void> => {
  const { onFailureArn } = configOf(state, event) ?? {};
  if (onFailureArn !== undefined)
    await deliver(state, event, onFailureArn, { payload: destinationRecord(state, event, condition, result) });
  const { deadLetterArn } = state.store.getFunction(event.functionName).settings;
  if (deadLetterArn === undefined) return;
  const failure = (result === undefined ? {} : JSON.parse(result.payload)) as { errorMessage?: string } | null;
  const parameters = {
    MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: event.requestId },
      ErrorCode: { DataType: 'Number', StringValue: result === undefined ? '429' : '200' },
      ErrorMessage: { DataType: 'String', StringValue: (failure?.errorMessage ?? condition).slice(0, 1_024) || 'none' },
    },
  };
  await deliver(state, event, deadLetterArn, { payload: event.payload, parameters });
};

const faultOf = ({ context, store }: LambdaState, event: QueuedEvent): DeliveryFault | undefined => {
  if (event.delayed === true) return undefined;
  const targetArn = store.functionArn(event.functionName, event.qualifier);
  return context.faults.delivery({ service: 'lambda', source: event.functionName, targetArn });
};

/** A rejected hand-over is tried again like a throttled one: the function has not run. */
const attempt = async (
  state: LambdaState,
  event: QueuedEvent,
  fault: DeliveryFault | undefined,
): Promise<InvocationResult | 'throttled'> => {
  if (fault?.kind === 'reject') return 'throttled';
  try {
    if (fault?.kind === 'duplicate') await invokeSync(state, event);
    return await invokeSync(state, event);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'TooManyRequestsException') return 'throttled';
    const payload = JSON.stringify({ errorType: error.code, errorMessage: error.message });
    return {
      statusCode: error.status,
      functionError: 'Unhandled',
      payload,
      executedVersion: LATEST,
      logTail: () => '',
    };
  }
};

const retryDelayMs = (event: QueuedEvent): number => RETRY_DELAYS_MS[event.failures - 1] ?? RETRY_DELAYS_MS.at(-1) ?? 0;

const throttleDelayMs = (event: QueuedEvent): number =>
  Math.min(1_000 * 2 ** (event.throttles - 1), LONGEST_THROTTLE_DELAY_MS);

/** What becomes of an event after an attempt: run again at `nextAtMs`, or over. */
const decide = (
  state: LambdaState,
  event: QueuedEvent,
  result: InvocationResult | 'throttled',
): QueuedEvent | Condition => {
  const throttled = result === 'throttled';
  if (!throttled && result.functionError === undefined) return 'Success';
  const counted = throttled ? { ...event, throttles: event.throttles + 1 } : { ...event, failures: event.failures + 1 };
  const config = configOf(state, event);
  if (counted.failures > (config?.maximumRetryAttempts ?? DEFAULT_RETRIES)) return 'RetriesExhausted';
  const nextAtMs = state.context.clock.nowMs() + (throttled ? throttleDelayMs(counted) : retryDelayMs(counted));
  const lastMs = event.acceptedAtMs + (config?.maximumEventAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS) * 1_000;
  return nextAtMs > lastMs ? 'EventAgeExceeded' : { ...counted, nextAtMs };
};

export const createAsyncQueue = (state: LambdaState): AsyncQueue => {
  const { clock, store } = state.context;
  const table: DocumentTable<QueuedEvent> = store.table('lambda-async-events');

  const finish = async (
    event: QueuedEvent,
    condition: Condition,
    result: InvocationResult | undefined,
  ): Promise<void> => {
    const { onSuccessArn } = configOf(state, event) ?? {};
    if (condition !== 'Success') await giveUp(state, { ...event, failures: event.failures + 1 }, condition, result);
    else if (onSuccessArn !== undefined)
      await deliver(state, event, onSuccessArn, { payload: destinationRecord(state, event, condition, result) });
    table.delete(event.requestId);
  };

  const run = async (event: QueuedEvent): Promise<void> => {
    if (state.store.functions.get(event.functionName) === undefined) return table.delete(event.requestId);
    const fault = faultOf(state, event);
    if (fault?.kind === 'delay') {
      return later({ ...event, delayed: true, nextAtMs: clock.nowMs() + fault.delayMs });
    }
    const result = await attempt(state, event, fault);
    const next = decide(state, event, result);
    if (typeof next === 'string') return finish(event, next, result === 'throttled' ? undefined : result);
    const { delayed: _held, ...again } = next;
    later(again);
  };

  const later = (event: QueuedEvent): void => {
    table.put(event.requestId, event);
    schedule(event);
  };

  const schedule = (event: QueuedEvent): void => {
    clock.at(event.nextAtMs, `asynchronous invocation of ${event.functionName}`, () => run(event));
  };

  return {
    accept: ({ functionName, qualifier, payload }) => {
      const reference = parseFunctionReference(functionName, qualifier);
      chooseTarget(state, { functionName, qualifier, payload });
      const now = clock.nowMs();
      const event: QueuedEvent = {
        requestId: state.context.ids.uuid(),
        functionName: reference.name,
        ...(reference.qualifier === undefined ? {} : { qualifier: reference.qualifier }),
        payload,
        acceptedAtMs: now,
        nextAtMs: now,
        failures: 0,
        throttles: 0,
      };
      table.put(event.requestId, event);
      schedule(event);
      return event.requestId;
    },
    resume: () => {
      for (const [, event] of table.entries()) schedule(event);
    },
  };
};
