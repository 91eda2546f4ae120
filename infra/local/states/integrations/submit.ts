import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { AwsError, type InvokeResult } from '../../contracts.ts';
import { StateFailure } from '../failure.ts';
import type { Visit } from '../run/frame.ts';
import type { Strand } from '../run/strand.ts';
import { type ApiNames, apiNames, workflowErrorName } from './api-names.ts';
import { toCamelCase, toJson, toPascalCase } from './casing.ts';
import { brokenConnection, withFaults } from './faulty-call.ts';
import type { TaskCall } from './task-call.ts';

type Arguments = Readonly<Record<string, JsonValue>>;

/** What a client calls a connection that broke. */
const UNANSWERED: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT']);

const codeOf = (error: Error & { readonly code?: unknown }): string => String(error.code ?? '');

const asFailure = (error: unknown, names: ApiNames): unknown => {
  if (!(error instanceof AwsError)) return error;
  if (error.cause instanceof Error && UNANSWERED.has(codeOf(error.cause)))
    return brokenConnection(names.errorPrefix, error.message);
  const cause = `${error.message} (Service: ${names.errorPrefix}, Status Code: ${error.status}, Error Code: ${error.code})`;
  return new StateFailure(workflowErrorName(names, error.code), cause);
};

/** Calls an API as the workflow's role. @throws StateFailure `<Service>.<Code>Exception` */
export const callApi = async (
  visit: Visit,
  strand: Strand,
  request: { readonly service: string; readonly action: string; readonly sdk: boolean; readonly parameters: JsonValue },
): Promise<JsonValue> => {
  const names = apiNames(request.service, request.sdk);
  const { ports, execution } = visit.frame.runtime;
  const action = request.action.charAt(0).toUpperCase() + request.action.slice(1);
  const parameters = names.camelCase ? toCamelCase(request.parameters) : request.parameters;
  try {
    const answer = await strand.work(ports.call(names.signingName, action, parameters, execution.roleArn));
    const json = toJson(answer ?? {});
    return names.camelCase ? (toPascalCase(json) as JsonValue) : json;
  } catch (error) {
    throw asFailure(error, names);
  }
};

const parsePayload = (payload: string): JsonValue => (payload === '' ? null : (JSON.parse(payload) as JsonValue));

/** A function that failed: its error's type is the name that Retry and Catch match. */
const functionFailure = (payload: string): StateFailure => {
  const parsed = parsePayload(payload) as { readonly errorType?: unknown } | null;
  const errorType = parsed?.errorType;
  return new StateFailure(typeof errorType === 'string' && errorType !== '' ? errorType : 'Lambda.Unknown', payload);
};

/** Invokes a function. @throws StateFailure named after the function's error, or `Lambda.…Exception` */
export const invokeFunction = async (
  visit: Visit,
  strand: Strand,
  request: {
    readonly functionName: string;
    readonly qualifier?: string;
    readonly payload: JsonValue;
    readonly event?: boolean;
  },
): Promise<InvokeResult> => {
  const { functionName, qualifier, payload, event } = request;
  const { ports, execution } = visit.frame.runtime;
  const { stateMachineArn, roleArn } = execution;
  let result: InvokeResult;
  try {
    result = await withFaults(visit, strand, () =>
      strand.work(
        ports.invokeFunction({
          functionName,
          ...(qualifier === undefined ? {} : { qualifier }),
          payload: JSON.stringify(payload),
          invocationType: event ? 'Event' : 'RequestResponse',
          principal: { service: 'states.amazonaws.com', sourceArn: stateMachineArn, roleArn },
        }),
      ),
    );
  } catch (error) {
    throw asFailure(error, apiNames('lambda', false));
  }
  if (result.functionError !== undefined) throw functionFailure(result.payload);
  return result;
};

const submitLambda = async ({ visit, strand }: TaskCall, given: Arguments): Promise<JsonValue> => {
  const type = given.InvocationType ?? 'RequestResponse';
  if (type !== 'RequestResponse' && type !== 'Event') {
    const cause = `InvocationType must be RequestResponse or Event, got ${String(type)}`;
    throw new StateFailure('Lambda.InvalidParameterValueException', cause);
  }
  const qualifier = given.Qualifier;
  const result = await invokeFunction(visit, strand, {
    functionName: String(given.FunctionName),
    ...(qualifier === undefined ? {} : { qualifier: String(qualifier) }),
    payload: given.Payload ?? {},
    event: type === 'Event',
  });
  if (type === 'Event') return { StatusCode: result.statusCode };
  return {
    ExecutedVersion: result.executedVersion,
    Payload: parsePayload(result.payload),
    StatusCode: result.statusCode,
  };
};

const text = (value: JsonValue | undefined): JsonValue | undefined =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value);

/** Members that the API wants as text and a definition may write as JSON. */
const withText = (given: Arguments, ...members: readonly string[]): Arguments => {
  const changed = members
    .filter((member) => given[member] !== undefined)
    .map((member) => [member, text(given[member])]);
  return { ...given, ...(Object.fromEntries(changed) as Arguments) };
};

const prepare = (key: string, given: Arguments): Arguments => {
  switch (key) {
    case 'states:startExecution':
      return withText({ Input: {}, ...given }, 'Input');
    case 'sqs:sendMessage':
      return withText(given, 'MessageBody');
    case 'sns:publish':
      return withText(given, 'Message');
    case 'events:putEvents': {
      const entries = Array.isArray(given.Entries) ? given.Entries : [];
      return { ...given, Entries: entries.map((entry) => withText(entry as Arguments, 'Detail')) };
    }
    default:
      return given;
  }
};

/** Makes the request of a Task and gives the API's answer. */
export const submit = async (call: TaskCall): Promise<JsonValue> => {
  const { visit, strand, resource } = call;
  const { service, action, sdk } = resource;
  const given = call.arguments;
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new StateFailure('States.Runtime', `The arguments of ${resource.resource} must be an object.`);
  }
  const key = `${service}:${action}`;
  if (!sdk && key === 'lambda:invoke') return submitLambda(call, given as Arguments);
  const parameters = sdk ? (given as Arguments) : prepare(key, given as Arguments);
  const answer = await callApi(visit, strand, { service, action, sdk, parameters });
  if (!sdk && key === 'events:putEvents' && Number((answer as Arguments).FailedEntryCount ?? 0) > 0) {
    throw new StateFailure('EventBridge.FailedEntry', JSON.stringify(answer));
  }
  return answer;
};
