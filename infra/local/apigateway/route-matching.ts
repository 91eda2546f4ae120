import type { DeployedRoute } from './records.ts';

export interface RouteMatch {
  readonly route: DeployedRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((part) => part !== '');

/** Static parts win over variables, variables over greedy ones; compared from the left. */
const rank = (part: string): number => {
  if (part.endsWith('+}')) return 2;
  return part.startsWith('{') ? 1 : 0;
};

const match = (pattern: readonly string[], actual: readonly string[]): Record<string, string> | undefined => {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = actual[index];
    if (segment === undefined) return undefined;
    if (rank(part) === 2) {
      parameters[part.slice(1, -2)] = actual.slice(index).join('/');
      return parameters;
    }
    if (rank(part) === 1) parameters[part.slice(1, -1)] = segment;
    else if (part !== segment) return undefined;
  }
  return pattern.length === actual.length ? parameters : undefined;
};

const moreSpecific = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, part] of a.entries()) {
    const difference = rank(part) - rank(b[index] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
};

interface SplitRoute {
  readonly route: DeployedRoute;
  readonly pattern: readonly string[];
}

/** The routes of a deployment are never changed: their paths are split once. */
const split = new WeakMap<readonly DeployedRoute[], readonly SplitRoute[]>();

const splitRoutes = (routes: readonly DeployedRoute[]): readonly SplitRoute[] => {
  const known = split.get(routes);
  if (known !== undefined) return known;
  const made = routes.map((route) => ({ route, pattern: segmentsOf(route.path) }));
  split.set(routes, made);
  return made;
};

/** The resource that serves a path, given still percent-encoded. */
export const matchRoute = (routes: readonly DeployedRoute[], path: string): RouteMatch | undefined => {
  const actual = segmentsOf(path).map(decode);
  const matches = splitRoutes(routes).flatMap(({ route, pattern }) => {
    const pathParameters = match(pattern, actual);
    return pathParameters === undefined ? [] : [{ route, pattern, pathParameters }];
  });
  return matches.sort((a, b) => moreSpecific(a.pattern, b.pattern))[0];
};
