import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';

/** What the models of a canary day have in common. */

export const UNIT_HEADER = 'x-user';

export const DAY_MODEL = {
  // A person brings and approves their versions.
  approval: 'manual',
  deployment: { canarySteps: [0.2, 0.5, 1], bakeMinutes: 10, judge: { deadlineMinutes: 60 } },
  // Its versions answer what the day wants to tell them apart by: that is drift, and no reason to train.
  retraining: { onDrift: false },
} as const satisfies Partial<ModelDefinitionInput>;

export type DayModel = 'brook' | 'delta';
export const DAY_MODELS: readonly DayModel[] = ['brook', 'delta'];
