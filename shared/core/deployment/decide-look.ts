import { DAY_MS } from '../../kernel/time.ts';
import type { JudgePlan, JudgeVerdict } from '../judging/index.ts';
import type { RolloutDecision } from '../registry/index.ts';
import type { RolloutLook } from './rollout-look.ts';

/** What a look is decided from. */
export interface LookFacts {
  readonly nowMs: number;
  readonly verdict: Pick<JudgeVerdict, 'decision' | 'reason'>;
  /** Units that the canary answered so far. */
  readonly canaryUnitCount: number;
  /** An alarm beside the judge. */
  readonly alarm?: string;
  /** What a person said. */
  readonly decision?: RolloutDecision;
  readonly plan: Pick<JudgePlan, 'deadlineMs' | 'atDeadline'>;
  /** When the rollout began. */
  readonly startedAtMs: number;
  readonly lookMs: number;
  /** The step that stands. */
  readonly step: { readonly endsAtMs: number; readonly isLast: boolean };
}

export type LookDecision = Pick<RolloutLook, 'action' | 'decidedBy' | 'reason' | 'nextLookAtMs'>;

/** Its execution lives sixty days: a rollout that is held for a person ends before it does. */
const LONGEST_DAYS = 40;
/** While a rollout is held, looks come a twelfth of the time apart that it has been held for. */
const HOLD_PART = 12;

const decideByPerson = ({ action, reason, decidedBy }: RolloutDecision): LookDecision => ({
  action,
  decidedBy: 'person',
  reason: `${decidedBy}: ${reason}`,
});

const decideHold = ({ nowMs, startedAtMs, verdict, plan, lookMs }: LookFacts): LookDecision => {
  const heldMs = nowMs - plan.deadlineMs;
  if (nowMs - startedAtMs >= LONGEST_DAYS * DAY_MS)
    return {
      action: 'roll back',
      decidedBy: 'deadline',
      reason: `nobody decided within ${LONGEST_DAYS} days; ${verdict.reason}`,
    };
  const nextLookAtMs = nowMs + Math.max(lookMs, heldMs / HOLD_PART);
  return { action: 'hold', decidedBy: 'deadline', reason: `held for a person; ${verdict.reason}`, nextLookAtMs };
};

const decideAtDeadline = (facts: LookFacts): LookDecision => {
  const { verdict, plan, canaryUnitCount } = facts;
  if (plan.atDeadline === 'hold') return decideHold(facts);
  const seen =
    canaryUnitCount === 0 ? 'no request reached the canary: it goes on by its smoke test alone' : 'never found worse';
  const reason = plan.atDeadline === 'promote' ? `${seen}; ${verdict.reason}` : verdict.reason;
  return { action: plan.atDeadline, decidedBy: 'deadline', reason };
};

/**
 * What follows from a look. A person's word goes first; harm ends a canary at any look; a weight rises when its step's
 * time was served; before the whole traffic the canary waits to be cleared, or for the deadline and its stated default.
 */
export const decideLook = (facts: LookFacts): LookDecision => {
  const { nowMs, verdict, alarm, decision, plan, lookMs, step } = facts;
  if (decision !== undefined) return decideByPerson(decision);
  if (alarm !== undefined) return { action: 'roll back', decidedBy: 'judge', reason: alarm };
  if (verdict.decision === 'abort') return { action: 'roll back', decidedBy: 'judge', reason: verdict.reason };
  const { reason } = verdict;
  if (nowMs < step.endsAtMs) {
    return { action: 'wait', decidedBy: 'judge', reason, nextLookAtMs: Math.min(nowMs + lookMs, step.endsAtMs) };
  }
  if (!step.isLast) return { action: 'next step', decidedBy: 'schedule', reason };
  if (verdict.decision === 'promote') return { action: 'promote', decidedBy: 'judge', reason };
  if (nowMs >= plan.deadlineMs) return decideAtDeadline(facts);
  return { action: 'wait', decidedBy: 'judge', reason, nextLookAtMs: Math.min(nowMs + lookMs, plan.deadlineMs) };
};
