import { type Failure, failureOf, type RenderFailure } from './failure.ts';
import type { HttpMethod, HttpRequest, HttpResponse } from './message.ts';

/** The parts of a path that a route names, decoded. */
export type PathParameters = Readonly<Record<string, string>>;

export interface Route {
  readonly method: HttpMethod;
  /** Such as `/models/{model}/versions/{version}`: a parameter is one whole segment. */
  readonly path: string;
  readonly handle: (request: HttpRequest, parameters: PathParameters) => Promise<HttpResponse>;
}

export type Router = (request: HttpRequest) => Promise<HttpResponse>;

const segmentsOf = (path: string): readonly string[] => path.replace(/^\/|\/$/g, '').split('/');

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // not percent-encoded UTF-8: no route has such a path
  }
};

const match = (pattern: readonly string[], segments: readonly string[]): PathParameters | undefined => {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const value = decoded(segments[index] ?? '');
    if (value === undefined || value === '') return undefined;
    const name = /^\{(.+)\}$/.exec(expected)?.[1];
    if (name !== undefined) parameters[name] = value;
    else if (expected !== value) return undefined;
  }
  return parameters;
};

/** Answers by the first route that matches: 404 for an unknown path, 405 for a known path asked another way. */
export const createRouter = (routes: readonly Route[], render: RenderFailure): Router => {
  const compiled = routes.map((route) => ({ ...route, pattern: segmentsOf(route.path) }));

  return async (request) => {
    const segments = segmentsOf(request.path);
    const allowed = new Set<string>();
    for (const { method, pattern, handle } of compiled) {
      const parameters = match(pattern, segments);
      if (parameters === undefined) continue;
      if (method === request.method) {
        return handle(request, parameters).catch((error) => render(failureOf(error, request.requestId)));
      }
      allowed.add(method);
    }
    return render(unroutable(request, [...allowed]));
  };
};

const unroutable = ({ method, path }: HttpRequest, allowed: readonly string[]): Failure => {
  const shown = path.slice(0, 200);
  if (allowed.length === 0) {
    return { status: 404, code: 'RESOURCE_DOES_NOT_EXIST', message: `nothing is at ${shown}` };
  }
  const allow = [...allowed].sort().join(', ');
  return {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `${method} is not allowed at ${shown}; allowed: ${allow}`,
    headers: { allow },
  };
};
