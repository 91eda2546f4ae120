import { AwsError } from '../contracts.ts';
import { readFields } from '../protocols/fields.ts';
import type { JsonOperation } from '../protocols/json.ts';
import { type Alarm, type MetricAlarm, readCompositeAlarm, readMetricAlarm, returnedQuery } from './alarm.ts';
import type { AlarmEngine } from './alarm-engine.ts';
import type { MetricQuery, MetricStat } from './metric-query.ts';

const FRAME = { code: 'ValidationError' };
const PAGE = 100;
const TAGS_UNREAD = 'no operation here reads tags back';

const shownDimensions = (dimensions: Readonly<Record<string, string>>) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const shownMetric = ({ namespace, name, dimensions }: MetricStat) => ({
  Namespace: namespace,
  MetricName: name,
  Dimensions: shownDimensions(dimensions),
});

const shownQuery = ({ id, label, metricStat, expression, periodSeconds, returnData }: MetricQuery) => ({
  Id: id,
  Label: label,
  Expression: expression,
  Period: periodSeconds,
  ReturnData: returnData,
  MetricStat: metricStat && {
    Metric: shownMetric(metricStat),
    Period: metricStat.periodSeconds,
    Stat: metricStat.statistic,
    Unit: metricStat.unit,
  },
});

const shownSingle = (alarm: MetricAlarm) => {
  const stat = returnedQuery(alarm).metricStat;
  if (stat === undefined) return {};
  const statistic = stat.statistic.startsWith('p')
    ? { ExtendedStatistic: stat.statistic }
    : { Statistic: stat.statistic };
  return { ...shownMetric(stat), ...statistic, Period: stat.periodSeconds, Unit: stat.unit };
};

const shownCommon = (alarm: Alarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  AlarmDescription: alarm.description,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAtMs),
  ActionsEnabled: alarm.actions.actionsEnabled,
  OKActions: alarm.actions.okActions,
  AlarmActions: alarm.actions.alarmActions,
  InsufficientDataActions: alarm.actions.insufficientDataActions,
  StateValue: alarm.state.value,
  StateReason: alarm.state.reason,
  StateReasonData: alarm.state.reasonData,
  StateUpdatedTimestamp: new Date(alarm.state.updatedAtMs),
  StateTransitionedTimestamp: new Date(alarm.state.transitionedAtMs),
});

const shownAlarm = (alarm: Alarm) =>
  alarm.kind === 'composite'
    ? { ...shownCommon(alarm), AlarmRule: alarm.rule }
    : {
        ...shownCommon(alarm),
        ...(alarm.usesMetrics ? { Metrics: alarm.queries.map(shownQuery) } : shownSingle(alarm)),
        EvaluationPeriods: alarm.evaluationPeriods,
        DatapointsToAlarm: alarm.datapointsToAlarm,
        Threshold: alarm.threshold,
        ComparisonOperator: alarm.comparison,
        TreatMissingData: alarm.treatMissingData,
      };

const describeAlarms =
  (engine: AlarmEngine): JsonOperation =>
  (input) => {
    const filter = readFields(input, FRAME, (fields) => ({
      names: fields.texts('AlarmNames'),
      prefix: fields.text('AlarmNamePrefix') ?? '',
      types: fields.texts('AlarmTypes') ?? ['MetricAlarm'],
      state: fields.choice('StateValue', ['OK', 'ALARM', 'INSUFFICIENT_DATA']),
      action: fields.text('ActionPrefix') ?? '',
      size: fields.integer('MaxRecords', { min: 1, max: 100 }) ?? PAGE,
      from: Number(fields.text('NextToken') ?? 0),
    }));
    const hasAction = ({ actions }: Alarm): boolean =>
      filter.action === '' ||
      [actions.alarmActions, actions.okActions, actions.insufficientDataActions]
        .flat()
        .some((arn) => arn.startsWith(filter.action));
    const found = engine.book
      .list()
      .filter(
        (alarm) =>
          (filter.names === undefined || filter.names.includes(alarm.name)) &&
          alarm.name.startsWith(filter.prefix) &&
          filter.types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm') &&
          (filter.state ?? alarm.state.value) === alarm.state.value &&
          hasAction(alarm),
      );
    const end = filter.from + filter.size;
    const page = found.slice(filter.from, end);
    return {
      CompositeAlarms: page.filter((alarm) => alarm.kind === 'composite').map(shownAlarm),
      MetricAlarms: page.filter((alarm) => alarm.kind === 'metric').map(shownAlarm),
      NextToken: end < found.length ? String(end) : undefined,
    };
  };

const describeHistory =
  (engine: AlarmEngine): JsonOperation =>
  (input) => {
    const filter = readFields(input, FRAME, (fields) => ({
      name: fields.text('AlarmName'),
      types: fields.texts('AlarmTypes') ?? ['MetricAlarm', 'CompositeAlarm'],
      type: fields.choice('HistoryItemType', ['ConfigurationUpdate', 'StateUpdate', 'Action']),
      startMs: fields.instant('StartDate') ?? 0,
      endMs: fields.instant('EndDate') ?? Number.POSITIVE_INFINITY,
      size: fields.integer('MaxRecords', { min: 1, max: 100 }) ?? PAGE,
      from: Number(fields.text('NextToken') ?? 0),
      scanBy: fields.choice('ScanBy', ['TimestampDescending', 'TimestampAscending']),
    }));
    const found = engine.history
      .list(filter.name)
      .filter(
        (item) =>
          filter.types.includes(item.alarmType) &&
          (filter.type ?? item.type) === item.type &&
          item.atMs >= filter.startMs &&
          item.atMs <= filter.endMs,
      )
      .toSorted((a, b) => (filter.scanBy === 'TimestampAscending' ? a.atMs - b.atMs : b.atMs - a.atMs));
    const end = filter.from + filter.size;
    return {
      AlarmHistoryItems: found.slice(filter.from, end).map((item) => ({
        AlarmName: item.alarmName,
        AlarmType: item.alarmType,
        Timestamp: new Date(item.atMs),
        HistoryItemType: item.type,
        HistorySummary: item.summary,
        HistoryData: item.data,
      })),
      NextToken: end < found.length ? String(end) : undefined,
    };
  };

const readNames = (input: unknown): readonly string[] =>
  readFields(input, FRAME, (fields) => fields.texts('AlarmNames') ?? []);

const checkJson = (text: string | undefined): void => {
  if (text === undefined) return;
  try {
    JSON.parse(text);
  } catch {
    throw new AwsError('InvalidFormat', 'StateReasonData must be JSON');
  }
};

export const alarmOperations = (engine: AlarmEngine): Readonly<Record<string, JsonOperation>> => ({
  PutMetricAlarm: (input) => {
    engine.put(
      readFields(input, FRAME, (fields) => {
        fields.ignore(TAGS_UNREAD, 'Tags');
        return readMetricAlarm(fields, fields.requiredText('AlarmName'));
      })(),
    );
  },
  PutCompositeAlarm: (input) => {
    engine.put(
      readFields(input, FRAME, (fields) => {
        fields.ignore(TAGS_UNREAD, 'Tags');
        return readCompositeAlarm(fields, fields.requiredText('AlarmName'));
      })(),
    );
  },
  DescribeAlarms: describeAlarms(engine),
  DescribeAlarmHistory: describeHistory(engine),
  DeleteAlarms: (input) => {
    const names = readNames(input);
    // AWS deletes nothing when one of the alarms is not there.
    names.forEach(engine.book.get);
    names.forEach(engine.delete);
  },
  SetAlarmState: (input) => {
    const { name, state } = readFields(input, FRAME, (fields) => {
      const name = fields.requiredText('AlarmName');
      const reason = fields.requiredText('StateReason');
      const reasonData = fields.text('StateReasonData');
      const value = fields.choice('StateValue', ['OK', 'ALARM', 'INSUFFICIENT_DATA']);
      if (value === undefined) throw fields.refuse('StateValue', 'is required');
      return { name, state: { value, reason, reasonData } };
    });
    checkJson(state.reasonData);
    engine.setState(name, state);
  },
  EnableAlarmActions: (input) => engine.enableActions(readNames(input), true),
  DisableAlarmActions: (input) => engine.enableActions(readNames(input), false),
});
