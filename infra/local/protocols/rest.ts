import {
  AwsError,
  type OperationSupport,
  type WireHandler,
  type WireRequest,
  type WireResponse,
} from '../contracts.ts';
import type { DescribedHandler } from './json.ts';
import { describeOperation, RECORDED_REQUEST } from './operation-support.ts';
import type { RecordedInput } from './recorded-fields.ts';

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

export interface RestRoute {
  readonly operation: RestOperation;
  /** Of success. @default 200 */
  readonly status?: number | undefined;
  /** `x-amz-` headers that the operation reads, in lower case. */
  readonly headers?: readonly string[];
  /** AWS's name of the body, where an operation takes it as it is. */
  readonly payload?: string;
}

export interface RestProtocol {
  /**
   * `'GET /2015-03-31/functions/{FunctionName}?Qualifier'` → operation. After the question mark stand the query
   * parameters that it reads; any other is refused by name, and so is an `x-amz-` header that is not listed.
   */
  readonly routes: Readonly<Record<string, RestOperation | RestRoute>>;
  /** Body of an error; default `{ message }`. */
  readonly errorBody?: (error: AwsError) => unknown;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: readonly string[];
  readonly headers: readonly string[];
  readonly status: number;
  readonly operation: RestOperation;
  readonly payload: string | undefined;
}

const compile = (protocol: RestProtocol): readonly Route[] =>
  Object.entries(protocol.routes).map(([key, value]) => {
    const [method = '', address = ''] = key.split(' ');
    const [path = '', query = ''] = address.split('?');
    const {
      status = 200,
      operation,
      headers = [],
      payload,
    } = typeof value === 'function' ? { operation: value } : value;
    const segments = path.split('/').filter(Boolean);
    return { method, path, segments, query: query.split('&').filter(Boolean), headers, status, operation, payload };
  });

/** Of the signature and of the SDKs themselves. */
const COMMON_HEADER = /^x-amz-(date|security-token|content-sha256|user-agent)$/;
const COMMON_QUERY = /^X-Amz-/i;

const refuseUnknown = (route: Route, { url, headers }: WireRequest): void => {
  const parameter = [...url.searchParams.keys()].find(
    (name) => !route.query.includes(name) && !COMMON_QUERY.test(name),
  );
  const header = Object.keys(headers).find(
    (name) => name.startsWith('x-amz-') && !route.headers.includes(name) && !COMMON_HEADER.test(name),
  );
  const unknown = parameter === undefined ? header && `header ${header}` : `query parameter ${parameter}`;
  if (unknown !== undefined) {
    throw new AwsError('ValidationException', `${unknown} of ${route.method} ${route.path} is not supported here`);
  }
};

/** Runs every route without a request, to learn what its body may hold. */
const describeRoutes =
  (routes: readonly Route[]): DescribedHandler['operations'] =>
  async () => {
    const described: OperationSupport[] = [];
    for (const { method, path, segments, query, headers, operation, payload } of routes) {
      const variables = segments.filter((part) => part.startsWith('{')).map((part) => part.replace(/[{}+]/g, ''));
      let bodyRead = false;
      const run = (input: RecordedInput) =>
        operation({
          path: Object.fromEntries(variables.map((name) => [name, 'x'])),
          query: new URLSearchParams(),
          request: RECORDED_REQUEST,
          json: async () => {
            bodyRead = true;
            // The recording stands for the decoded body.
            return input as unknown as Readonly<Record<string, unknown>>;
          },
        });
      const { gap, ...support } = await describeOperation(`${method} ${path}`, run);
      const told = [...variables, ...query, ...headers, ...(payload === undefined ? [] : [payload])];
      // What has no body has all of its options in the route.
      const hasBody = bodyRead && method !== 'GET' && method !== 'DELETE';
      described.push({
        ...support,
        supported: [...told, ...support.supported],
        ...(hasBody && gap !== undefined ? { gap } : {}),
      });
    }
    return described;
  };

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
export const createRestHandler = (protocol: RestProtocol): DescribedHandler => {
  const routes = compile(protocol);
  const errorBody = protocol.errorBody ?? ((error: AwsError) => ({ message: error.message, ...error.extra }));

  const dispatch = async (request: WireRequest): Promise<WireResponse> => {
    const actual = request.url.pathname.split('/').filter(Boolean);
    for (const route of routes) {
      const { method, segments, status, operation } = route;
      const path = method === request.method ? matchPath(segments, actual) : undefined;
      if (path === undefined) continue;
      refuseUnknown(route, request);
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

  const handle: WireHandler = async (request) => {
    try {
      return await dispatch(request);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const { headers, ...rest } = encode(request.requestId, error.status, errorBody(error));
      return { ...rest, headers: { ...headers, 'x-amzn-errortype': error.code } };
    }
  };
  return Object.assign(handle, { operations: describeRoutes(routes) });
};
