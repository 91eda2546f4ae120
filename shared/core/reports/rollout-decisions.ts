import type { RolloutLook } from '../deployment/index.ts';
import type { Rollout } from '../registry/index.ts';

/** One thing that was decided about a rollout, and by what. */
export interface ReportedDecision {
  readonly atMs: number;
  /** `platform`: its checks before and around the canary. */
  readonly by: RolloutLook['decidedBy'] | 'platform';
  /** The person. */
  readonly who?: string;
  readonly action: string;
  readonly reason: string;
}

/** A look that only went on waiting decides nothing; neither does one that holds as the one before it did. */
const decides = ({ action }: RolloutLook, before: RolloutLook | undefined): boolean =>
  action !== 'wait' && (action !== 'hold' || before?.action !== 'hold');

const endOf = (
  { status, endedAtMs, reason, decision }: Rollout,
  looks: readonly RolloutLook[],
): readonly ReportedDecision[] => {
  if (status === 'RUNNING' || endedAtMs === undefined) return [];
  const action = status === 'PROMOTED' ? 'promote' : status === 'FAILED' ? 'give up' : 'roll back';
  const told = looks.some((look) => look.action === action) || decision?.action === action;
  if (told) return [];
  const why = reason ?? (status === 'PROMOTED' ? 'nothing spoke against it' : 'no reason was given');
  return [{ atMs: endedAtMs, by: 'platform', action, reason: why }];
};

/** Oldest first. */
export const decisionsOf = (rollout: Rollout, looks: readonly RolloutLook[]): readonly ReportedDecision[] => {
  const { decision } = rollout;
  const atLooks = looks
    .filter((look, at) => decides(look, looks[at - 1]))
    .map(({ atMs, decidedBy, action, reason }) => ({ atMs, by: decidedBy, action, reason }));
  const byPerson =
    decision === undefined
      ? []
      : [
          {
            atMs: decision.decidedAtMs,
            by: 'person',
            who: decision.decidedBy,
            action: decision.action,
            reason: decision.reason,
          } as const,
        ];
  return [...atLooks, ...byPerson, ...endOf(rollout, looks)].toSorted((a, b) => a.atMs - b.atMs);
};
