import { AwsError, type LocalService, type WireRequest, type WireResponse } from '../contracts.ts';

export interface RestCall {
  /** Decoded path variables; `{name+}` takes the rest of the path. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly request: WireRequest;
  /** The decoded JSON body; an empty body is `{}`. */
  json(): Promise<Readonly<Record<string, unknown>>>;
}

/** Answers a body to encode as JSON (status 200, or the route's), or a whole response when it has a numeric `status` and `raw: true`. */
export type RestOperation = (call: RestCall) => Promise<unknown> | unknown;

export interface RawResponse extends WireResponse {
  readonly raw: true;
}

export interface RestProtocol {
  /** `'GET /2015-03-31/functions/{FunctionName}'` → operation, with the success status when it is not 200. */
  readonly routes: Readonly<
    Record<string, RestOperation | { readonly status: number; readonly operation: RestOperation }>
  >;
  /** Body of an error; default `{ message }`. */
  readonly errorBody?: (error: AwsError) => unknown;
}

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly status: number;
  readonly operation: RestOperation;
}

const compile = (protocol: RestProtocol): readonly Route[] =>
  Object.entries(protocol.routes).map(([key, value]) => {
    const [method = '', path = ''] = key.split(' ');
    const { status, operation } = typeof value === 'function' ? { status: 200, operation: value } : value;
    return { method, segments: path.split('/').filter(Boolean), status, operation };
  });

const decodeSegment = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError('ValidationException', `the path holds a malformed percent-encoding: ${segment}`);
  }
};

const matchPath = (pattern: readonly string[], actual: readonly string[]): Record<string, string> | undefined => {
  const variables: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const value = actual[index];
    if (value === undefined) return undefined;
    if (part.endsWith('+}')) {
      variables[part.slice(1, -2)] = actual.slice(index).map(decodeSegment).join('/');
      return variables;
    }
    if (part.startsWith('{')) variables[part.slice(1, -1)] = decodeSegment(value);
    else if (part !== value) return undefined;
  }
  return actual.length === pattern.length ? variables : undefined;
};

const parseJson = async (request: WireRequest): Promise<Readonly<Record<string, unknown>>> => {
  const text = (await request.readBody()).toString('utf8');
  if (text === '') return {};
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw new AwsError('SerializationException', 'the request body is not valid JSON');
  }
};

const isRaw = (value: unknown): value is RawResponse => typeof value === 'object' && value !== null && 'raw' in value;

const encode = (requestId: string, status: number, body: unknown): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
  body: body === undefined ? '' : JSON.stringify(body),
});

/** Serves AWS REST JSON. Errors other than `AwsError` are left to the server, which logs them and answers 500. */
export const createRestHandler = (protocol: RestProtocol): LocalService['handle'] => {
  const routes = compile(protocol);
  const errorBody = protocol.errorBody ?? ((error: AwsError) => ({ message: error.message, ...error.extra }));

  const dispatch = async (request: WireRequest): Promise<WireResponse> => {
    const actual = request.url.pathname.split('/').filter(Boolean);
    for (const { method, segments, status, operation } of routes) {
      const path = method === request.method ? matchPath(segments, actual) : undefined;
      if (path === undefined) continue;
      const answer = await operation({
        path,
        query: request.url.searchParams,
        request,
        json: () => parseJson(request),
      });
      return isRaw(answer) ? answer : encode(request.requestId, status, answer);
    }
    throw new AwsError(
      'UnknownOperationException',
      `operation ${request.method} ${request.url.pathname} is not supported by the embedded cloud`,
      404,
    );
  };

  return async (request) => {
    try {
      return await dispatch(request);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { headers, ...rest } = encode(request.requestId, error.status, errorBody(error));
      return { ...rest, headers: { ...headers, 'x-amzn-errortype': error.code } };
    }
  };
};
