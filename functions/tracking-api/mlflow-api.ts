import { workspaceOf } from '../../shared/core/tracking-access/index.ts';
import {
  createRouteFinder,
  failureOf,
  type HttpRequest,
  type HttpResponse,
  renderMlflowError,
} from '../../shared/http/index.ts';
import { admit } from './admit.ts';
import type { TrackingDeps } from './deps.ts';
import { encodeMessage, fitAnswer } from './encode-answer.ts';
import type { MlflowAnswer, MlflowRoute } from './mlflow-route.ts';
import { readInput } from './read-input.ts';

const isResponse = (answer: MlflowAnswer | HttpResponse): answer is HttpResponse =>
  typeof answer.status === 'number' && typeof answer.headers === 'object' && 'body' in answer;

const unknownEndpoint = ({ method, path }: HttpRequest): HttpResponse =>
  renderMlflowError({
    status: 404,
    code: 'ENDPOINT_NOT_FOUND',
    message: `no endpoint answers ${method} ${path.slice(0, 200)}`,
  });

/** The UI asks below `/ajax-api` for what clients ask below `/api`. */
const canonical = (path: string): string => (path.startsWith('/ajax-api/') ? path.slice('/ajax'.length + 1) : path);

/** What is left of 29 seconds when a search stops: enough to render and to send what it has. */
const SHORT_TIME_MS = 9_000;

/** Answers a request; `remainingMs` tells how much longer the function may run. */
type MlflowApi = (request: HttpRequest, remainingMs: () => number) => Promise<HttpResponse>;

/** MLflow's REST API of all workspaces: finds the workspace, the route and the right to call it, and renders what comes. */
export const createMlflowApi = ({ portsOf, clock, newId }: TrackingDeps, routes: readonly MlflowRoute[]): MlflowApi => {
  const find = createRouteFinder(
    routes.map((route) => ({
      method: route.method,
      path: route.root ? route.path : `/api${route.path}`,
      route,
    })),
  );

  const respond: MlflowApi = async (request, remainingMs) => {
    const { workspace, path } = workspaceOf(request.path, request.headers['x-mlflow-workspace']);
    const found = find(request.method, canonical(path));
    if ('allowed' in found) return unknownEndpoint(request);
    const { route } = found.route;
    const nowMs = clock.nowMs();
    const principal = admit(request, { workspace, route, nowMs });
    const answer = await route.handle({
      workspace,
      principal,
      input: readInput(request, route),
      parameters: found.parameters,
      request,
      ports: portsOf(workspace),
      nowMs,
      newId,
      timeIsShort: () => remainingMs() < SHORT_TIME_MS,
    });
    if (isResponse(answer)) return answer;
    return { status: 200, headers: { 'content-type': 'application/json' }, body: encodeMessage(answer) };
  };

  return async (request, remainingMs) => {
    try {
      return fitAnswer(await respond(request, remainingMs), request);
    } catch (error) {
      return renderMlflowError(failureOf(error, request.requestId));
    }
  };
};
