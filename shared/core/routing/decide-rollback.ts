import { InvalidStateError } from '../../kernel/errors.ts';
import type { PlanDraft } from './change-plan.ts';
import { isDivided } from './routing-plan.ts';

export interface RollbackQuestion {
  readonly plan: PlanDraft;
  /** The rollout that runs, if one does. */
  readonly rolloutId?: string;
  /** The version to go back to, if the caller names one. */
  readonly wanted?: number;
  /** What the newest rollout put out of service, if nobody has rolled back since. */
  readonly before?: number;
}

export type Rollback =
  /** What is being tried loses its traffic; the champion stays. */
  | { readonly kind: 'stop trying'; readonly version: number }
  /** Another version becomes the champion. */
  | { readonly kind: 'go back'; readonly version: number }
  /** It is so already. */
  | { readonly kind: 'none'; readonly version: number };

/**
 * What rolling back means now. Asked twice it is done once: without a version it ends what is being tried, or takes back
 * the newest promotion and nothing before it; with one it says where to end.
 * @throws InvalidStateError when there is nothing of either and no version is named.
 */
export const decideRollback = ({ plan, rolloutId, wanted, before }: RollbackQuestion): Rollback => {
  const { model, champion, experiment } = plan;
  const trying = rolloutId !== undefined || experiment !== undefined || isDivided(plan);
  if (wanted === undefined || wanted === champion) {
    if (trying) return { kind: 'stop trying', version: champion };
    if (wanted === champion) return { kind: 'none', version: champion };
    if (before !== undefined && before !== champion) return { kind: 'go back', version: before };
    throw new InvalidStateError(
      `nothing is being tried on ${model}: version ${champion} has all of its traffic; name the version to go back to`,
    );
  }
  if (rolloutId === undefined) return { kind: 'go back', version: wanted };
  throw new InvalidStateError(
    `rollout ${rolloutId} of ${model} is running: roll it back first, without a version; then go back to ${wanted}`,
  );
};
