import { DAY_MS, isoTime } from '../../kernel/time.ts';

/** Whether a request to train may start a run: the policy of `request-training`. */

/** The part of a model's definition that says when it is trained again. */
export interface RetrainingPolicy {
  readonly name: string;
  readonly data: { readonly dataset: string };
  readonly retraining: { readonly onDrift: boolean; readonly onNewData: boolean; readonly coolDownDays: number };
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
    }
  | { readonly decision: 'refuse'; readonly reason: string };

const identityOf = (request: TrainingRequest): readonly string[] => {
  switch (request.kind) {
    case 'schedule':
      return [request.scheduledAt];
    case 'alarm':
      // An alarm that never stopped has one change of state, and a look at the end of each cool-down.
      return [request.alarmArn, request.stateChangedAt, ...(request.coolDownEndedAt ? [request.coolDownEndedAt] : [])];
    case 'new-data':
      return [request.bucket, request.key, request.sequencer];
    case 'call':
      return [request.principal, request.requestId];
  }
};

/**
 * Decides about one request. A person and a schedule know what they want: they start at once. An alarm that keeps
 * ringing and data that keeps arriving would train without end, so they wait for the cool-down after the last start.
 * With a cool-down of no days nothing waits, and an alarm starts training when it begins to ring and not again.
 */
export const planTraining = (request: TrainingRequest, policy: RetrainingPolicy | undefined): TrainingPlan => {
  if (policy === undefined) {
    return { decision: 'refuse', reason: `model ${JSON.stringify(request.model)} is not deployed` };
  }
  const { onDrift, onNewData, coolDownDays } = policy.retraining;
  if (request.kind === 'alarm' && !onDrift) {
    return { decision: 'refuse', reason: 'the definition does not retrain on drift (retraining.onDrift is false)' };
  }
  if (request.kind === 'new-data' && !onNewData) {
    return {
      decision: 'refuse',
      reason: 'the definition does not retrain on new data (retraining.onNewData is false)',
    };
  }
  const waits = request.kind === 'alarm' || request.kind === 'new-data';
  return {
    decision: 'start',
    identity: [request.model, request.kind, ...identityOf(request)],
    coolDownMs: waits ? coolDownDays * DAY_MS : 0,
  };
};

/** The sentence for a request that came in a cool-down. */
export const coolDownReason = (coolDownEndsAtMs: number): string =>
  `the cool-down after the last start lasts until ${isoTime(coolDownEndsAtMs)}; it is looked at again then`;
