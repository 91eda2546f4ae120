import type { Rollout } from '../registry/index.ts';

/**
 * A model's version is rolled out once: an approval that is delivered again, or late, finds the rollout that came
 * of it. A rollout that could not be carried out does not count, so approving again tries again. A person may ask for
 * another, each time once. Code rollouts are named after the code, so their executions are unique already.
 */
export const findEarlierRollout = (
  rollouts: readonly Rollout[],
  wanted: Pick<Rollout, 'kind' | 'version' | 'rolloutId' | 'asked'>,
): Rollout | undefined => {
  if (wanted.kind === 'code') return undefined;
  const { asked } = wanted;
  return rollouts.find(
    (one) =>
      one.kind === 'model' &&
      one.version === wanted.version &&
      one.rolloutId !== wanted.rolloutId &&
      (asked === undefined ? one.status !== 'FAILED' : one.asked?.requestId === asked.requestId),
  );
};
