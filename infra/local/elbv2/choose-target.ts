import type { Action, Rule, Target, WeightedGroup } from './records.ts';

const matchesPattern = (pattern: string, path: string): boolean => {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(path);
};

/** The rule of the lowest priority number that matches; undefined leaves the request to the listener's default. */
export const matchRule = (rules: readonly Rule[], path: string): Rule | undefined =>
  rules
    .filter(({ pathPatterns }) => pathPatterns.some((pattern) => matchesPattern(pattern, path)))
    .sort((a, b) => a.priority - b.priority)[0];

/**
 * Divides by weight. A group without targets takes its share all the same and answers 503, as on AWS: weights do not
 * move by themselves.
 * @param draw uniform in [0, 1)
 */
export const chooseGroup = (action: Extract<Action, { type: 'forward' }>, draw: number): WeightedGroup | undefined => {
  const total = action.groups.reduce((sum, { weight }) => sum + weight, 0);
  let left = draw * total;
  for (const group of action.groups) {
    left -= group.weight;
    if (left < 0) return group;
  }
  return undefined;
};

/** Who may answer: the healthy, or all that are registered when none is (AWS's fail-open); never who is draining. */
export const answeringTargets = (targets: readonly Target[]): readonly Target[] => {
  const healthy = targets.filter(({ state }) => state === 'healthy');
  return healthy.length > 0 ? healthy : targets.filter(({ state }) => state === 'unhealthy');
};

/** Whether a status is among those of a matcher such as `200` or `200-299,301`. */
export const matchesStatus = (matcher: string, status: number): boolean =>
  matcher.split(',').some((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return status >= from && status <= to;
  });
