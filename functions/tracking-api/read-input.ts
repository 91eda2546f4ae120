import { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import type { HttpRequest } from '../../shared/http/index.ts';
import { InvalidRequestError, PayloadTooLargeError } from '../../shared/kernel/errors.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import type { MlflowRoute } from './mlflow-route.ts';

/**
 * A body reaches the function as base64 within an event of at most 6 MiB, its headers twice beside it: this is what
 * always fits. API Gateway itself refuses what does not.
 */
export const BODY_LIMIT_BYTES = 4_500_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const requireSize = ({ body }: HttpRequest, { rawBody }: MlflowRoute): void => {
  if (body.byteLength <= BODY_LIMIT_BYTES) return;
  const advice = rawBody ? ': set MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true to upload larger files in parts' : '';
  throw new PayloadTooLargeError(
    `the body has ${body.byteLength} bytes, at most ${BODY_LIMIT_BYTES} are allowed${advice}`,
  );
};

const WITH_TYPE: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** The wording is MLflow's. A body without a type is taken for what it must be. */
const requireJsonType = ({ method, headers }: HttpRequest): void => {
  const type = headers['content-type'];
  if (!WITH_TYPE.has(method) || type === undefined || type === '') return;
  if (type.split(';', 1)[0]?.trim().toLowerCase() === 'application/json') return;
  throw new InvalidRequestError("Bad Request. Content-Type must be one of ['application/json'].");
};

const queryOf = ({ queryLists, query }: HttpRequest): Fields => {
  const lists = Object.entries(queryLists).map(
    ([name, values]) => [name, values.length === 1 ? values[0] : values] as const,
  );
  return new Fields(lists.length === 0 ? query : Object.fromEntries(lists));
};

const parseJson = (request: HttpRequest): unknown => {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') {
    throw new InvalidRequestError(`content-encoding ${shorten(encoding)} is not supported: send the body as it is`);
  }
  try {
    return JSON.parse(utf8.decode(request.body));
  } catch (cause) {
    const reason = shorten((cause as Error).message, 100);
    throw new InvalidRequestError(`the body is not JSON in UTF-8: ${reason}`, { cause });
  }
};

/**
 * The message of a request: of a GET, and of what has no body, the query; else the body. An empty body is an empty
 * message.
 * @throws InvalidRequestError, PayloadTooLargeError
 */
export const readInput = (request: HttpRequest, route: MlflowRoute): Fields => {
  requireSize(request, route);
  if (route.rawBody) return queryOf(request);
  requireJsonType(request);
  if (request.method === 'GET') return queryOf(request);
  if (request.body.byteLength > 0) return new Fields(parseJson(request));
  return request.method === 'POST' ? new Fields({}) : queryOf(request);
};
