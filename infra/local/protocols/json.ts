import {
  AwsError,
  type OperationSupport,
  type WireHandler,
  type WireRequest,
  type WireResponse,
} from '../contracts.ts';
import { describeOperation, RECORDED_REQUEST } from './operation-support.ts';

/** One operation: the decoded input in, the output to encode out; AWS's errors are thrown as `AwsError`. */
export type JsonOperation = (
  input: Readonly<Record<string, unknown>>,
  request: WireRequest,
) => Promise<unknown> | unknown;

export interface JsonProtocol {
  /** First part of `X-Amz-Target`, e.g. `AWSStepFunctions` or `DynamoDB_20120810`. */
  readonly targetPrefix: string;
  readonly version: '1.0' | '1.1';
  readonly operations: Readonly<Record<string, JsonOperation>>;
  /** Namespace of error types on the wire (`com.amazonaws.dynamodb.v20120810`); without one the bare name is sent. */
  readonly errorNamespace?: string;
}

/** Serves requests, and tells what it serves. */
export interface DescribedHandler extends WireHandler {
  readonly operations: () => Promise<readonly OperationSupport[]>;
}

/** Tells of operations what their readers ask for. */
export const describeJsonOperations =
  (operations: Readonly<Record<string, JsonOperation>>): DescribedHandler['operations'] =>
  async () => {
    const described: OperationSupport[] = [];
    for (const [name, operation] of Object.entries(operations)) {
      described.push(
        // The recording stands for the decoded body.
        await describeOperation(name, (input) =>
          operation(input as unknown as Readonly<Record<string, unknown>>, RECORDED_REQUEST),
        ),
      );
    }
    return described;
  };

const decode = (body: string): Readonly<Record<string, unknown>> => {
  if (body === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AwsError('SerializationException', 'the request body is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'the request body must be a JSON object');
  }
  return value as Readonly<Record<string, unknown>>;
};

const findOperation = (protocol: JsonProtocol, target: string): JsonOperation => {
  const [prefix, name = ''] = target.split('.');
  const known = Object.hasOwn(protocol.operations, name) ? protocol.operations[name] : undefined;
  if (prefix === protocol.targetPrefix && known !== undefined) return known;
  throw new AwsError(
    'UnknownOperationException',
    `operation ${target || '(none)'} is not supported by the embedded cloud`,
  );
};

/** Serves AWS JSON 1.0 or 1.1. Errors other than `AwsError` are left to the server, which logs them and answers 500. */
export const createJsonHandler = (protocol: JsonProtocol): DescribedHandler => {
  const contentType = `application/x-amz-json-${protocol.version}`;
  const respond = (request: WireRequest, status: number, body: unknown): WireResponse => ({
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': request.requestId },
    body: JSON.stringify(body ?? {}),
  });

  const handle: WireHandler = async (request) => {
    try {
      const operation = findOperation(protocol, request.headers['x-amz-target'] ?? '');
      const input = decode((await request.readBody()).toString('utf8'));
      return respond(request, 200, await operation(input, request));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const type = protocol.errorNamespace === undefined ? error.code : `${protocol.errorNamespace}#${error.code}`;
      // SDKs read `message`; a few services spell it `Message` on the wire, which every SDK accepts too.
      return respond(request, error.status, { __type: type, message: error.message, ...error.extra });
    }
  };
  return Object.assign(handle, { operations: describeJsonOperations(protocol.operations) });
};
