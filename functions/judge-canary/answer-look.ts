import type { RolloutLook } from '../../shared/core/deployment/index.ts';
import { SECOND_MS } from '../../shared/kernel/time.ts';

export interface JudgeCanaryOutput {
  readonly decision: RolloutLook['action'];
  readonly reason: string;
  /** Until the next look. */
  readonly waitSeconds: number;
  /** Of the weight that the canary is to have now. */
  readonly stepIndex: number;
}

interface Standing {
  readonly steps: readonly number[];
  readonly stepIndex: number;
  readonly nowMs: number;
}

/** A promotion goes to the whole traffic at once: a person may say it at any step. */
const stepAfter = (action: RolloutLook['action'], { steps, stepIndex }: Standing): number => {
  if (action === 'promote') return steps.length - 1;
  return action === 'next step' ? stepIndex + 1 : stepIndex;
};

/** What the workflow does after a look. */
export const answerLook = (
  { action, reason, nextLookAtMs = 0 }: Pick<RolloutLook, 'action' | 'reason' | 'nextLookAtMs'>,
  standing: Standing,
): JudgeCanaryOutput => ({
  decision: action,
  reason,
  waitSeconds: Math.max(1, Math.ceil((nextLookAtMs - standing.nowMs) / SECOND_MS)),
  stepIndex: stepAfter(action, standing),
});
