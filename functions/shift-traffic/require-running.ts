import type { Rollout } from '../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';

/** Whether a person rolled it back while its workflow waited: giving its traffic back once more is no mistake. */
const isRolledBack = ({ status }: Rollout, weight: number): boolean => status === 'ROLLED_BACK' && weight === 0;

/** The rollout, if it may move traffic. @throws InvalidStateError */
export const requireRunning = (
  rollout: Rollout | undefined,
  { model, rolloutId, weight }: { readonly model: string; readonly rolloutId: string; readonly weight: number },
): Rollout => {
  if (rollout?.status === 'RUNNING' || (rollout && isRolledBack(rollout, weight))) return rollout;
  throw new InvalidStateError(
    `rollout ${rolloutId} of ${model} must be RUNNING to move traffic, it is ${rollout?.status ?? 'unknown'}`,
  );
};
