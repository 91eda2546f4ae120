import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { WorkspacePorts } from '../../functions/tracking-api/deps.ts';
import { createMlflowApi } from '../../functions/tracking-api/mlflow-api.ts';
import type { MlflowRoute } from '../../functions/tracking-api/mlflow-route.ts';

/** An answer of the tracking API: `body` is its JSON. */
interface MlflowCallResult {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field, by the tests
  readonly body: any;
}

/**
 * One call below `/api`, such as `POST 2.0/mlflow/runs/create`, or of `ajax-api/…`. The message of a GET becomes the query, lists repeated;
 * of any other method it is the JSON body, or that text itself.
 */
export type MlflowCaller = (
  method: string,
  path: string,
  message?: Readonly<Record<string, unknown>> | string,
) => Promise<MlflowCallResult>;

const queryOf = (message: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(
    Object.entries(message).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );

const pathOf = (path: string): string => (path.startsWith('ajax-api/') ? `/${path}` : `/api/${path}`);

const ANYTHING = { role: 'admin', workspaces: '*' };

interface CallOptions {
  /** @default the machine's time */
  readonly nowMs?: () => number;
  /** @default 16 random bytes in hex */
  readonly newId?: () => string;
  /** How much longer the function may run. @default 29 seconds */
  readonly remainingMs?: () => number;
}

/**
 * Calls routes as the deployed function does, as a client that may do everything.
 * @param ports Those that the routes use.
 */
export const callRoutes = (
  routes: readonly MlflowRoute[],
  ports: Partial<WorkspacePorts>,
  { nowMs = Date.now, newId = () => randomBytes(16).toString('hex'), remainingMs = () => 29_000 }: CallOptions = {},
): MlflowCaller => {
  const answer = createMlflowApi({ portsOf: () => ports as WorkspacePorts, clock: { nowMs }, newId }, routes);
  return async (method, path, message = {}) => {
    const isQuery = method === 'GET';
    const query = isQuery && typeof message === 'object' ? queryOf(message) : new URLSearchParams();
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    const request = {
      method,
      path: pathOf(path),
      query: Object.fromEntries(query),
      queryLists: Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)])),
      headers: isQuery ? {} : { 'content-type': 'application/json' },
      body: isQuery ? new Uint8Array() : Buffer.from(text),
      principal: 'ann',
      authorizer: ANYTHING,
      requestId: 'request-1',
    };
    const { status, body } = await answer(request, remainingMs);
    return { status, body: JSON.parse(Buffer.from(body).toString('utf8')) };
  };
};

/** Calls a server: the embedded cloud's, AWS's, or MLflow's own. */
export const callServer =
  (baseUrl: string, headers: Readonly<Record<string, string>> = {}): MlflowCaller =>
  async (method, path, message = {}) => {
    const isQuery = method === 'GET';
    const query = isQuery && typeof message === 'object' ? `?${queryOf(message)}` : '';
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    const response = await fetch(`${baseUrl}${pathOf(path)}${query}`, {
      method,
      headers: { ...headers, ...(isQuery ? {} : { 'content-type': 'application/json' }) },
      ...(isQuery ? {} : { body }),
    });
    return { status: response.status, body: await response.json() };
  };
