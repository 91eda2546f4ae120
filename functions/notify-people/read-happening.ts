import * as v from 'valibot';
import { EVENT_SCHEMAS } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  alarmSubject,
  endEpisode,
  type Heard,
  heardAlarm,
  heardApproval,
  heardDecision,
  heardDrift,
  heardPromotion,
  heardQuality,
  heardRefusal,
  heardRetraining,
  heardRollBack,
  heardRolloutStarted,
  heardTests,
  type ModelAlarm,
  type NotificationRecord,
  settleEpisode,
} from '../../shared/core/notifications/index.ts';

/** What an event of EventBridge says to people. */
export type Happening =
  | { readonly kind: 'heard'; readonly heard: Heard }
  | {
      readonly kind: 'over';
      readonly model: string;
      readonly subject: string;
      readonly end: (standing: NotificationRecord) => NotificationRecord;
    }
  /** The day's checks are done: what goes on, of what is checked daily. */
  | { readonly kind: 'day'; readonly model: string; readonly open: readonly string[]; readonly atMs: number }
  /** An alarm that is no model's: the alarm topic tells it. */
  | { readonly kind: 'nothing' };

const Envelope = v.object({
  'detail-type': v.string(),
  time: v.pipe(v.string(), v.isoTimestamp()),
  detail: v.unknown(),
});

const AlarmDetail = v.object({
  alarmName: v.string(),
  state: v.object({ value: v.string(), reason: v.optional(v.string(), '') }),
});

type HearDetail = (detail: unknown, atMs: number) => Heard;

const heardAs =
  <Schema extends v.GenericSchema>(
    type: string,
    schema: Schema,
    hear: (detail: v.InferOutput<Schema>, atMs: number) => Heard,
  ): HearDetail =>
  (detail, atMs) =>
    hear(parse(schema, detail, type), atMs);

const HEARD: ReadonlyMap<string, HearDetail> = new Map([
  ['Drift Detected', heardAs('Drift Detected', EVENT_SCHEMAS['Drift Detected'], heardDrift)],
  ['Quality Degraded', heardAs('Quality Degraded', EVENT_SCHEMAS['Quality Degraded'], heardQuality)],
  ['Monitoring Tests Failed', heardAs('Monitoring Tests Failed', EVENT_SCHEMAS['Monitoring Tests Failed'], heardTests)],
  ['Training Refused', heardAs('Training Refused', EVENT_SCHEMAS['Training Refused'], heardRefusal)],
  ['Retraining Decided', heardAs('Retraining Decided', EVENT_SCHEMAS['Retraining Decided'], heardRetraining)],
  ['Rollout Started', heardAs('Rollout Started', EVENT_SCHEMAS['Rollout Started'], heardRolloutStarted)],
  ['Rollout Promoted', heardAs('Rollout Promoted', EVENT_SCHEMAS['Rollout Promoted'], heardPromotion)],
  ['Rollout Rolled Back', heardAs('Rollout Rolled Back', EVENT_SCHEMAS['Rollout Rolled Back'], heardRollBack)],
  ['Approval Requested', heardAs('Approval Requested', EVENT_SCHEMAS['Approval Requested'], heardApproval)],
]);

const DECISIONS = { 'Model Version Approved': 'approved', 'Model Version Rejected': 'rejected' } as const;

const decisionOn = (type: keyof typeof DECISIONS, detail: unknown, atMs: number): Happening => {
  const { model, subject, ...outcome } = heardDecision(DECISIONS[type], parse(EVENT_SCHEMAS[type], detail, type), atMs);
  return { kind: 'over', model, subject, end: (standing) => settleEpisode(standing, outcome) };
};

/** @throws InvalidRequestError for what is no such event. */
export const readHappening = (event: unknown, alarms: ReadonlyMap<string, ModelAlarm>): Happening => {
  const { 'detail-type': type, time, detail } = parse(Envelope, event, 'event');
  const atMs = Date.parse(time);
  if (type === 'CloudWatch Alarm State Change') {
    const { alarmName, state } = parse(AlarmDetail, detail, type);
    const alarm = alarms.get(alarmName);
    if (alarm === undefined || state.value === 'INSUFFICIENT_DATA') return { kind: 'nothing' };
    if (state.value === 'ALARM') return { kind: 'heard', heard: heardAlarm(alarm, state.reason, atMs) };
    // An episode of drift outlasts days below the limit: the daily report says when it is over.
    if (alarm.kind === 'drift') return { kind: 'nothing' };
    return {
      kind: 'over',
      model: alarm.model,
      subject: alarmSubject(alarm.kind),
      end: (standing) => endEpisode(standing, atMs),
    };
  }
  if (type === 'Daily Report Written') {
    const { model, open } = parse(EVENT_SCHEMAS[type], detail, type);
    return { kind: 'day', model, open, atMs };
  }
  if (type === 'Model Version Approved' || type === 'Model Version Rejected') return decisionOn(type, detail, atMs);
  const hear = HEARD.get(type);
  return hear === undefined ? { kind: 'nothing' } : { kind: 'heard', heard: hear(detail, atMs) };
};
