import { crashAlarm, decideLook, judgeEvidence, type RolloutLook } from '../../shared/core/deployment/index.ts';
import type { RolloutEvidence } from '../../shared/ports/rollout-evidence.ts';
import type { JudgeDeps, Looked } from './deps.ts';
import { takeEvidence } from './take-evidence.ts';

interface Look extends Looked {
  readonly index: number;
  /** Of the rollout's first traffic. */
  readonly startedAtMs: number;
  readonly step: { readonly startedAtMs: number; readonly bakeMs: number; readonly isLast: boolean };
}

const alarmOf = ({ taken: { crashes, crashShareBefore }, rules }: RolloutEvidence): string | undefined =>
  crashes === undefined ? undefined : crashAlarm(crashes, { baseShare: crashShareBefore, budget: rules.errorBudget });

/** Takes what has become known, decides, and writes both. @returns the look that stands under its index */
export const lookNow = async (
  deps: Pick<JudgeDeps, 'metrics' | 'captures' | 'evidence' | 'clock'>,
  standing: RolloutEvidence,
  { index, step, startedAtMs, ...looked }: Look,
): Promise<RolloutLook> => {
  const nowMs = deps.clock.nowMs();
  const { weights, shifts, decision, startedAtMs: begunAtMs } = looked.rollout;
  const weight = weights.at(-1) ?? 0;
  const evidence = await takeEvidence(deps, standing, {
    ...looked,
    shifts: shifts ?? [{ weight, atMs: startedAtMs }],
    nowMs,
  });
  const { plan, rules, taken } = evidence;
  const { rows, canaryUnitCount, ...verdict } = judgeEvidence(evidence, nowMs);
  const alarm = alarmOf(evidence);
  const decided = decideLook({
    nowMs,
    verdict,
    canaryUnitCount,
    ...(alarm === undefined ? {} : { alarm }),
    ...(decision === undefined ? {} : { decision }),
    plan,
    startedAtMs: begunAtMs,
    lookMs: rules.lookMs,
    step: { endsAtMs: step.startedAtMs + step.bakeMs, isLast: step.isLast },
  });
  const isCaptured = taken.capturedThroughMs > taken.requestsThroughMs || plan.metrics.length > 1;
  const throughMs = isCaptured ? taken.capturedThroughMs : taken.requestsThroughMs;
  return deps.evidence.record(evidence, { index, atMs: nowMs, throughMs, weight, ...decided, rows });
};
