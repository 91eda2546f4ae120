import type { Rollout } from '../registry/index.ts';

/**
 * A model's version is rolled out once: an approval that is delivered again, or late, finds the rollout that came
 * of it. A rollout that could not be carried out does not count, so approving again tries again. Code rollouts are named after the code, so their executions are unique already.
 */
export const findEarlierRollout = (
  rollouts: readonly Rollout[],
  wanted: Pick<Rollout, 'kind' | 'version' | 'rolloutId'>,
): Rollout | undefined =>
  wanted.kind === 'code'
    ? undefined
    : rollouts.find(
        ({ kind, version, rolloutId, status }) =>
          kind === 'model' && version === wanted.version && rolloutId !== wanted.rolloutId && status !== 'FAILED',
      );
