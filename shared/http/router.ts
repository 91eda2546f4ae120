import { type Failure, failureOf, type RenderFailure } from './failure.ts';
import type { HttpMethod, HttpRequest, HttpResponse } from './message.ts';

/** The parts of a path that a route names, decoded. */
export type PathParameters = Readonly<Record<string, string>>;

export interface Route {
  readonly method: HttpMethod;
  /**
   * Such as `/models/{model}/versions/{version}`: a parameter is one whole segment, and a last `{name+}` is the rest of
   * the path, one segment or more.
   */
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

interface Pattern {
  readonly segments: readonly { readonly literal: string; readonly name?: string | undefined }[];
  /** The name of a last `{name+}`. */
  readonly rest?: string | undefined;
}

const patternOf = (path: string): Pattern => {
  const segments = segmentsOf(path);
  const rest = /^\{(.+)\+\}$/.exec(segments.at(-1) ?? '')?.[1];
  const own = rest === undefined ? segments : segments.slice(0, -1);
  return { segments: own.map((literal) => ({ literal, name: /^\{(.+)\}$/.exec(literal)?.[1] })), rest };
};

/** @param segments decoded; undefined for one that is not percent-encoded UTF-8. */
const match = (
  { segments: expected, rest }: Pattern,
  segments: readonly (string | undefined)[],
): PathParameters | undefined => {
  if (rest === undefined ? segments.length !== expected.length : segments.length <= expected.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, { literal, name }] of expected.entries()) {
    const value = segments[index];
    if (value === undefined || value === '') return undefined;
    if (name !== undefined) parameters[name] = value;
    else if (literal !== value) return undefined;
  }
  if (rest === undefined) return parameters;
  const others = segments.slice(expected.length);
  if (others.some((segment) => segment === undefined || segment === '')) return undefined;
  return { ...parameters, [rest]: others.join('/') };
};

/** The route of a request, or the methods that the path is known for: none for an unknown path. */
export type FoundRoute<R> =
  | { readonly route: R; readonly parameters: PathParameters }
  | { readonly allowed: readonly string[] };

const isFixed = ({ segments, rest }: Pattern): boolean =>
  rest === undefined && segments.every(({ name }) => name === undefined);

/** The first route that matches. A path without parameters is found at once, however many routes there are. */
export const createRouteFinder = <R extends Pick<Route, 'method' | 'path'>>(
  routes: readonly R[],
): ((method: string, path: string) => FoundRoute<R>) => {
  const compiled = routes.map((route) => ({ route, pattern: patternOf(route.path) }));

  const search = (method: string, path: string): FoundRoute<R> => {
    const segments = segmentsOf(path).map(decoded);
    const allowed = new Set<string>();
    for (const { route, pattern } of compiled) {
      const parameters = match(pattern, segments);
      if (parameters === undefined) continue;
      if (route.method === method) return { route, parameters };
      allowed.add(route.method);
    }
    return { allowed: [...allowed] };
  };

  const fixed = new Map<string, FoundRoute<R>>(
    compiled
      .filter(({ pattern }) => isFixed(pattern))
      .map(({ route: { method, path } }) => [`${method} ${path}`, search(method, path)] as const),
  );
  return (method, path) => fixed.get(`${method} ${path}`) ?? search(method, path);
};

/** Answers by the first route that matches: 404 for an unknown path, 405 for a known path asked another way. */
export const createRouter = (routes: readonly Route[], render: RenderFailure): Router => {
  const find = createRouteFinder(routes);

  return async (request) => {
    const found = find(request.method, request.path);
    if ('allowed' in found) return render(unroutable(request, found.allowed));
    return found.route.handle(request, found.parameters).catch((error) => render(failureOf(error, request.requestId)));
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
