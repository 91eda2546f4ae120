import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { parseResource, type TaskResource } from '../definition/resource.ts';
import type { TaskState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { awaitJob } from '../integrations/await-job.ts';
import { awaitToken } from '../integrations/await-token.ts';
import { invokeFunction, submit } from '../integrations/submit.ts';
import type { TaskCall } from '../integrations/task-call.ts';
import { evaluateNumber, evaluateTemplate } from '../query/evaluate.ts';
import { makeTaskToken } from '../task-tokens.ts';
import { queryScope, record, type Visit } from './frame.ts';
import { toFailure } from './guard.ts';
import { payloadText } from './limits.ts';
import type { Strand } from './strand.ts';

const SECONDS = { min: 1, max: 99_999_999 };

interface Attempt {
  readonly arguments: JsonValue;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  readonly token?: string;
}

const isTimeout = (failure: StateFailure): boolean =>
  failure.errorName === 'States.Timeout' || failure.errorName === 'States.HeartbeatTimeout';

const prepare = async (state: TaskState, resource: TaskResource, visit: Visit): Promise<Attempt> => {
  const { pending, input } = visit.position();
  const needsToken = resource.kind === 'integration' && resource.pattern === 'waitForTaskToken';
  const known = pending?.kind === 'token' ? pending.token : undefined;
  const token = known ?? (needsToken ? newToken(visit) : undefined);
  const scope = queryScope(visit, token === undefined ? {} : { taskToken: token });
  const given = state.Arguments === undefined ? input : await evaluateTemplate(state.Arguments, 'Arguments', scope);
  const seconds = async (field: 'TimeoutSeconds' | 'HeartbeatSeconds'): Promise<number | undefined> => {
    const value = state[field];
    return value === undefined ? undefined : evaluateNumber(value, field, scope, SECONDS);
  };
  const timeoutSeconds = await seconds('TimeoutSeconds');
  const heartbeatSeconds = await seconds('HeartbeatSeconds');
  return {
    arguments: given,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...(token === undefined ? {} : { token }),
  };
};

const newToken = (visit: Visit): string => {
  const { environment, execution } = visit.frame.runtime;
  return makeTaskToken(execution.name, environment.newId);
};

const timing = ({ timeoutSeconds, heartbeatSeconds }: Attempt): Readonly<Record<string, number>> => ({
  ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
  ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
});

/** Runs `body` on a strand of its own that ends at the timeout. */
const withTimeout = <T>(visit: Visit, attempt: Attempt, body: (strand: Strand) => Promise<T>): Promise<T> => {
  const { strand, runtime } = visit.frame;
  const { pending, attemptStartedMs } = visit.position();
  // An attempt that goes on waiting after a restart keeps its deadline; one that runs again has a new one.
  const startedMs = (pending === undefined ? undefined : attemptStartedMs) ?? runtime.clock.nowMs();
  // On disk with what the task waits for, if it does: an attempt that runs again has a new deadline.
  visit.note({ attemptStartedMs: startedMs });
  const run = strand.spawn(`task ${visit.name}`, async (child) => {
    const { timeoutSeconds } = attempt;
    const timer =
      timeoutSeconds === undefined
        ? undefined
        : runtime.clock.at(startedMs + timeoutSeconds * 1000, `timeout ${visit.name}`, () =>
            child.cancel(new StateFailure('States.Timeout')),
          );
    try {
      return await body(child);
    } finally {
      timer?.cancel();
    }
  });
  return strand.join(run);
};

/** The attempt waits for nothing any more. */
const settle = (visit: Visit): void => {
  const ended = { pending: undefined, attemptStartedMs: undefined };
  if (visit.position().pending === undefined) visit.note(ended);
  else visit.update(ended);
};

/** Ends an attempt that failed: the next one starts afresh. */
const fail = (visit: Visit, error: unknown, write: (failure: StateFailure) => void): never => {
  const failure = toFailure(error, visit);
  if (failure instanceof Cancelled) throw failure;
  settle(visit);
  write(failure);
  throw failure;
};

const runFunction = async (functionArn: string, attempt: Attempt, visit: Visit): Promise<JsonValue> => {
  const { frame } = visit;
  record(frame, 'LambdaFunctionScheduled', 'lambdaFunctionScheduledEventDetails', {
    resource: functionArn,
    input: payloadText(attempt.arguments, `The arguments of the state '${visit.name}'`),
    inputDetails: { truncated: false },
    ...timing(attempt),
  });
  record(frame, 'LambdaFunctionStarted');
  try {
    const payload = attempt.arguments;
    const result = await withTimeout(visit, attempt, (strand) =>
      invokeFunction(visit, strand, { functionName: functionArn, payload }),
    );
    const output = JSON.parse(result.payload === '' ? 'null' : result.payload) as JsonValue;
    record(frame, 'LambdaFunctionSucceeded', 'lambdaFunctionSucceededEventDetails', {
      output: payloadText(output, `The result of the state '${visit.name}'`),
      outputDetails: { truncated: false },
    });
    return output;
  } catch (error) {
    return fail(visit, error, (failure) => {
      const kind = isTimeout(failure) ? 'TimedOut' : 'Failed';
      record(frame, `LambdaFunction${kind}`, `lambdaFunction${kind}EventDetails`, {
        error: failure.errorName,
        cause: failure.causeText,
      });
    });
  }
};

const DRIVERS = { request: submit, sync: awaitJob, 'sync:2': awaitJob, waitForTaskToken: awaitToken } as const;

const runIntegration = async (
  resource: Extract<TaskResource, { kind: 'integration' }>,
  attempt: Attempt,
  visit: Visit,
): Promise<JsonValue> => {
  const { frame } = visit;
  const named = { resourceType: resource.resourceType, resource: resource.resource };
  const pending = visit.position().pending;
  let submitted = pending !== undefined || resource.pattern === 'request';
  if (pending === undefined) {
    record(frame, 'TaskScheduled', 'taskScheduledEventDetails', {
      ...named,
      region: frame.runtime.identity.region,
      parameters: payloadText(attempt.arguments, `The arguments of the state '${visit.name}'`),
      ...timing(attempt),
    });
    record(frame, 'TaskStarted', 'taskStartedEventDetails', named);
  }
  const call: Omit<TaskCall, 'strand'> = {
    visit,
    resource,
    arguments: attempt.arguments,
    token: attempt.token,
    heartbeatSeconds: attempt.heartbeatSeconds,
    pending,
    submitted: (output, waiting) => {
      submitted = true;
      record(frame, 'TaskSubmitted', 'taskSubmittedEventDetails', {
        ...named,
        output: payloadText(output, `The answer to the state '${visit.name}'`),
        outputDetails: { truncated: false },
      });
      visit.update({ pending: waiting });
    },
    remember: (waiting) => visit.update({ pending: waiting }),
  };
  try {
    const result = await withTimeout(visit, attempt, (strand) => DRIVERS[resource.pattern]({ ...call, strand }));
    record(frame, 'TaskSucceeded', 'taskSucceededEventDetails', {
      ...named,
      output: payloadText(result, `The result of the state '${visit.name}'`),
      outputDetails: { truncated: false },
    });
    settle(visit);
    return result;
  } catch (error) {
    return fail(visit, error, (failure) => {
      const kind = isTimeout(failure) ? 'TaskTimedOut' : submitted ? 'TaskFailed' : 'TaskSubmitFailed';
      const details = { ...named, error: failure.errorName, cause: failure.causeText };
      record(frame, kind, `t${kind.slice(1)}EventDetails`, details);
    });
  }
};

/** One attempt of a Task. @returns its result. @throws StateFailure, Cancelled */
export const runTask = async (state: TaskState, visit: Visit): Promise<JsonValue> => {
  const resource = parseResource(state.Resource);
  if (!resource) throw new StateFailure('States.Runtime', `the resource ${state.Resource} is not supported here`);
  const attempt = await prepare(state, resource, visit);
  if (resource.kind === 'lambda-arn') return runFunction(resource.functionArn, attempt, visit);
  return runIntegration(resource, attempt, visit);
};
