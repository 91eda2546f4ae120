import type { ServiceContext } from '../contracts.ts';
import { type Alarm, type AlarmState, COMPARISONS, type MetricAlarm, periodSecondsOf, returnedQuery } from './alarm.ts';
import type { Evaluation, Point } from './alarm-evaluation.ts';
import type { MetricQuery, MetricStat } from './metric-query.ts';

/** The texts and documents in which CloudWatch tells of an alarm: reasons, the event's detail, notifications. */

/** `2001-02-17T02:00:00.000+0000` */
const alarmTime = (atMs: number): string => new Date(atMs).toISOString().replace('Z', '+0000');

/** `17/02/01 02:00:00` */
const shortTime = (atMs: number): string => {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
};

const shownValue = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const describePoints = (points: readonly Point[]): string =>
  points
    .filter((point) => point.value !== undefined)
    .map((point) => `${shownValue(point.value ?? 0)} (${shortTime(point.startMs)})`)
    .join(', ');

/** The reason of a new state, in CloudWatch's words. */
export const alarmReason = (alarm: MetricAlarm, { state, points }: Evaluation): string => {
  const present = points.filter((point) => point.value !== undefined);
  const missing = alarm.evaluationPeriods - present.length;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${plural(missing, 'datapoint')} ${missing === 1 ? 'was' : 'were'} unknown.`;
  }
  const treated = alarm.treatMissingData === 'breaching' ? '[Breaching]' : '[NonBreaching]';
  if (present.length === 0) {
    return (
      `Threshold Crossed: no datapoints were received for ${plural(missing, 'period')} and ` +
      `${plural(missing, 'missing datapoint')} ${missing === 1 ? 'was' : 'were'} treated as ${treated}.`
    );
  }
  const { holds, words } = COMPARISONS[alarm.comparison];
  const rings = state === 'ALARM';
  const counted = present.filter((point) => holds(point.value ?? 0, alarm.threshold) === rings);
  const verb = `${counted.length === 1 ? 'was' : 'were'}${rings ? '' : ' not'}`;
  const needed = rings ? alarm.datapointsToAlarm : alarm.evaluationPeriods - alarm.datapointsToAlarm + 1;
  const transition = rings ? 'OK -> ALARM' : 'ALARM -> OK';
  return (
    `Threshold Crossed: ${counted.length} out of the last ${plural(alarm.evaluationPeriods, 'datapoint')} ` +
    `[${describePoints(counted)}] ${verb} ${words} the threshold (${shownValue(alarm.threshold)}) ` +
    `(minimum ${plural(needed, 'datapoint')} for ${transition} transition).`
  );
};

export const alarmReasonData = (alarm: MetricAlarm, { points }: Evaluation, nowMs: number): string => {
  const present = points.filter((point) => point.value !== undefined);
  const oldest = present.at(-1);
  const stat = returnedQuery(alarm).metricStat;
  return JSON.stringify({
    version: '1.0',
    queryDate: alarmTime(nowMs),
    ...(oldest && { startDate: alarmTime(oldest.startMs) }),
    ...(stat && { statistic: stat.statistic }),
    period: periodSecondsOf(alarm),
    recentDatapoints: present.map((point) => point.value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: present.map((point) => ({ timestamp: alarmTime(point.startMs), value: point.value })),
  });
};

const eventMetricStat = ({ namespace, name, dimensions, periodSeconds, statistic, unit }: MetricStat) => ({
  metric: { namespace, name, dimensions },
  period: periodSeconds,
  stat: statistic,
  ...(unit && { unit }),
});

const eventMetric = (query: MetricQuery) => ({
  id: query.id,
  ...(query.metricStat && { metricStat: eventMetricStat(query.metricStat) }),
  ...(query.expression && { expression: query.expression }),
  ...(query.label && { label: query.label }),
  returnData: query.returnData,
});

const eventState = ({ value, reason, reasonData, updatedAtMs }: AlarmState) => ({
  value,
  reason,
  ...(reasonData && { reasonData }),
  timestamp: alarmTime(updatedAtMs),
});

/** Detail of a `CloudWatch Alarm State Change` event, and of what a Lambda action receives. */
export const alarmEventDetail = (alarm: Alarm, previous: AlarmState) => ({
  alarmName: alarm.name,
  state: eventState(alarm.state),
  previousState: eventState(previous),
  configuration: {
    ...(alarm.description && { description: alarm.description }),
    ...(alarm.kind === 'metric'
      ? { metrics: alarm.queries.map(eventMetric) }
      : {
          alarmRule: alarm.rule,
        }),
  },
});

const trigger = (alarm: Alarm) => {
  if (alarm.kind === 'composite') return undefined;
  const stat = alarm.usesMetrics ? undefined : returnedQuery(alarm).metricStat;
  const metric = stat && {
    MetricName: stat.name,
    Namespace: stat.namespace,
    Statistic: stat.statistic.toUpperCase(),
    Unit: stat.unit ?? null,
    Dimensions: Object.entries(stat.dimensions).map(([name, value]) => ({ name, value })),
  };
  const metrics = alarm.usesMetrics ? { Metrics: alarm.queries.map(notificationMetric) } : {};
  return {
    ...metric,
    ...metrics,
    Period: periodSecondsOf(alarm),
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
  };
};

const notificationMetric = ({ id, metricStat, expression, label, returnData }: MetricQuery) => ({
  Id: id,
  Label: label,
  Expression: expression,
  MetricStat: metricStat && {
    Metric: {
      Namespace: metricStat.namespace,
      MetricName: metricStat.name,
      Dimensions: Object.entries(metricStat.dimensions).map(([name, value]) => ({ name, value })),
    },
    Period: metricStat.periodSeconds,
    Stat: metricStat.statistic,
  },
  ReturnData: returnData,
});

const REGION_NAMES: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-central-1': 'EU (Frankfurt)',
};

/** Message and subject of an SNS action. */
export const alarmNotification = (context: ServiceContext, alarm: Alarm, previous: AlarmState) => {
  const region = REGION_NAMES[context.region] ?? context.region;
  const message = {
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: context.accountId,
    AlarmConfigurationUpdatedTimestamp: alarmTime(alarm.configuredAtMs),
    NewStateValue: alarm.state.value,
    NewStateReason: alarm.state.reason,
    StateChangeTime: alarmTime(alarm.state.updatedAtMs),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.actions.okActions,
    AlarmActions: alarm.actions.alarmActions,
    InsufficientDataActions: alarm.actions.insufficientDataActions,
    Trigger: trigger(alarm),
    AlarmRule: alarm.kind === 'composite' ? alarm.rule : undefined,
  };
  return { message, subject: `${alarm.state.value}: "${alarm.name}" in ${region}`.slice(0, 100) };
};
