import { DAY_MS, tellMinute } from '../../kernel/time.ts';

/** Whether a request to train may start a run: the policy of `request-training`. */

/** The part of a model's definition that says when it is trained again. */
export interface RetrainingPolicy {
  readonly name: string;
  readonly data: { readonly dataset: string };
  readonly retraining: {
    readonly onDrift: boolean;
    readonly onQuality: boolean;
    readonly onNewData: boolean;
    readonly coolDownDays: number;
    readonly maxAgeDays?: number | undefined;
  };
}

export type TrainingRequest =
  | { readonly kind: 'schedule'; readonly model: string; readonly scheduledAt: string }
  | {
      readonly kind: 'alarm';
      readonly model: string;
      readonly alarmName: string;
      readonly alarmArn: string;
      readonly stateChangedAt: string;
      readonly reason: string;
      /** The end of the cool-down at which the alarm was found still ringing; absent for a change of its state. */
      readonly coolDownEndedAt?: string | undefined;
    }
  | {
      readonly kind: 'quality';
      readonly model: string;
      /** Whose labels showed it. */
      readonly day: string;
      readonly reason: string;
    }
  | { readonly kind: 'staleness'; readonly model: string; readonly scheduledAt: string }
  | {
      readonly kind: 'new-data';
      readonly model: string;
      readonly bucket: string;
      readonly key: string;
      readonly eventId: string;
      /** Grows with each write of the key; equal in every copy of one event. */
      readonly sequencer: string;
    }
  | {
      readonly kind: 'call';
      readonly model: string;
      readonly principal: string;
      readonly requestId: string;
      readonly reason?: string | undefined;
    };

export type TrainingPlan =
  | {
      readonly decision: 'start';
      /** Equal for every delivery of one request, different for any two requests. */
      readonly identity: readonly string[];
      /** 0: starts whatever ran before. Whatever starts begins a cool-down. */
      readonly coolDownMs: number;
      /** Whether the month's budget may refuse it. */
      readonly obeysBudget: boolean;
    }
  | { readonly decision: 'refuse'; readonly reason: string };

const identityOf = (request: TrainingRequest): readonly string[] => {
  switch (request.kind) {
    case 'schedule':
    case 'staleness':
      return [request.scheduledAt];
    case 'quality':
      return [request.day];
    case 'alarm':
      // An alarm that never stopped has one change of state, and a look at the end of each cool-down.
      return [request.alarmArn, request.stateChangedAt, ...(request.coolDownEndedAt ? [request.coolDownEndedAt] : [])];
    case 'new-data':
      return [request.bucket, request.key, request.sequencer];
    case 'call':
      return [request.principal, request.requestId];
  }
};

/** Why the definition wants no training of this cause. */
const unwanted = ({ kind }: TrainingRequest, { retraining }: RetrainingPolicy): string | undefined => {
  const { onDrift, onQuality, onNewData, maxAgeDays } = retraining;
  if (kind === 'alarm' && !onDrift) {
    return 'the definition does not retrain on drift (retraining.onDrift is false)';
  }
  if (kind === 'quality' && !onQuality) {
    return 'the definition does not retrain on degraded quality (retraining.onQuality is false)';
  }
  if (kind === 'new-data' && !onNewData) {
    return 'the definition does not retrain on new data (retraining.onNewData is false)';
  }
  return kind === 'staleness' && maxAgeDays === undefined
    ? 'the definition does not retrain by age (retraining.maxAgeDays is not declared)'
    : undefined;
};

/** Days since the last start before which a request waits. */
const waitDays = (
  { kind }: TrainingRequest,
  { coolDownDays, maxAgeDays = 0 }: RetrainingPolicy['retraining'],
): number => {
  if (kind === 'call' || kind === 'schedule') return 0;
  return kind === 'staleness' ? Math.max(coolDownDays, maxAgeDays) : coolDownDays;
};

/**
 * Decides about one request. A person and a schedule know what they want: they start at once. An alarm that keeps
 * ringing, quality that stays bad and data that keeps arriving would train without end, so they wait for the cool-down
 * after the last start; staleness, which is asked daily, waits until the last start is as old as the definition allows.
 * With a cool-down of no days nothing waits, and an alarm starts training when it begins to ring and not again. Only a
 * person's call goes before the month's budget.
 */
export const planTraining = (request: TrainingRequest, policy: RetrainingPolicy | undefined): TrainingPlan => {
  if (policy === undefined) {
    return { decision: 'refuse', reason: `model ${JSON.stringify(request.model)} is not deployed` };
  }
  const reason = unwanted(request, policy);
  if (reason !== undefined) return { decision: 'refuse', reason };
  return {
    decision: 'start',
    identity: [request.model, request.kind, ...identityOf(request)],
    coolDownMs: waitDays(request, policy.retraining) * DAY_MS,
    obeysBudget: request.kind !== 'call',
  };
};

/** The sentence for a request that came in a cool-down. */
export const coolDownReason = (coolDownEndsAtMs: number): string =>
  `the cool-down after the last start lasts until ${tellMinute(coolDownEndsAtMs)}; it is looked at again then`;
