import type { ServiceContext, ServicePrincipal } from '../contracts.ts';
import { createDeliveryQueue, type Delivery } from '../events/delivery-queue.ts';
import { type Alarm, type AlarmState, type AlarmStateValue, alarmArn, alarmType } from './alarm.ts';
import type { AlarmBook } from './alarm-book.ts';
import type { AlarmHistory } from './alarm-history.ts';
import { alarmEventDetail, alarmNotification } from './alarm-words.ts';

export type NextState = Pick<AlarmState, 'value' | 'reason' | 'reasonData'>;

const actionsFor = (alarm: Alarm): readonly string[] => {
  const { actions } = alarm;
  if (!actions.actionsEnabled) return [];
  const byState: Readonly<Record<AlarmStateValue, readonly string[]>> = {
    OK: actions.okActions,
    ALARM: actions.alarmActions,
    INSUFFICIENT_DATA: actions.insufficientDataActions,
  };
  return byState[alarm.state.value];
};

const toDelivery = (context: ServiceContext, alarm: Alarm, previous: AlarmState, targetArn: string): Delivery => {
  const nowMs = context.clock.nowMs();
  const { message, subject } = alarmNotification(context, alarm, previous);
  const toLambda = {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: context.accountId,
    time: new Date(nowMs).toISOString(),
    region: context.region,
    alarmData: alarmEventDetail(alarm, previous),
  };
  return {
    id: context.ids.uuid(),
    targetArn,
    payload: JSON.stringify(targetArn.startsWith('arn:aws:lambda:') ? toLambda : message),
    createdAtMs: nowMs,
    attempts: 0,
    nextAtMs: nowMs,
    maximumRetryAttempts: 5,
    maximumEventAgeSeconds: 3600,
    attributes: { SUBJECT: subject, ALARM: alarm.name },
  };
};

const historyState = ({ value, reason, reasonData }: NextState) => ({
  stateValue: value,
  stateReason: reason,
  ...(reasonData === undefined
    ? {}
    : { stateReasonData: typeof reasonData === 'string' ? JSON.parse(reasonData) : reasonData }),
});

/** `HistoryData` of a StateUpdate, as DescribeAlarmHistory gives it. */
const historyData = (before: NextState, after: NextState): string =>
  JSON.stringify({ version: '1.0', oldState: historyState(before), newState: historyState(after) });

export interface AlarmTransition {
  readonly change: (alarm: Alarm, next: NextState) => Alarm;
  readonly resume: () => void;
}

/** Writes a new state with everything that follows from it: history, event, actions. */
export const createAlarmTransition = (
  context: ServiceContext,
  { history, book }: { readonly history: AlarmHistory; readonly book: AlarmBook },
): AlarmTransition => {
  const { clock, store } = context;
  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
  const alarmItself = ({ targetArn, attributes }: Delivery): ServicePrincipal => ({
    service: targetArn.startsWith('arn:aws:lambda:')
      ? 'lambda.alarms.cloudwatch.amazonaws.com'
      : 'cloudwatch.amazonaws.com',
    sourceArn: alarmArn(context, attributes.ALARM ?? ''),
  });
  const queue = createDeliveryQueue(context, {
    tableName: 'cloudwatch.actions',
    service: 'monitoring',
    sourceOf: ({ attributes }) => attributes.ALARM ?? '',
    deadLetterFrom: alarmItself,
    deliver: (delivery) =>
      context.ports.deliver(
        delivery.targetArn,
        delivery.payload,
        { Subject: delivery.attributes.SUBJECT },
        alarmItself(delivery),
      ),
  });
  const change: AlarmTransition['change'] = (alarm, next) => {
    const atMs = clock.nowMs();
    const changed = { ...alarm, state: { ...next, updatedAtMs: atMs, transitionedAtMs: atMs } };
    const deliveries = actionsFor(changed).map((arn) => toDelivery(context, changed, alarm.state, arn));
    const base = { alarmName: alarm.name, alarmType: alarmType(alarm), atMs };
    store.transaction(() => {
      book.write(changed);
      queue.store(deliveries);
      history.add({
        ...base,
        type: 'StateUpdate',
        summary: `Alarm updated from ${alarm.state.value} to ${next.value}`,
        data: historyData(alarm.state, changed.state),
      });
      for (const { targetArn } of deliveries) {
        history.add({ ...base, type: 'Action', summary: `Sent to ${targetArn}`, data: JSON.stringify({ targetArn }) });
      }
      context.ports.putEvent({
        busName: 'default',
        source: 'aws.cloudwatch',
        detailType: 'CloudWatch Alarm State Change',
        detail: alarmEventDetail(changed, alarm.state),
        resources: [alarm.arn],
      });
    });
    for (const delivery of deliveries) queue.schedule(delivery);
    return changed;
  };
  return { change, resume: () => queue.resume() };
};
