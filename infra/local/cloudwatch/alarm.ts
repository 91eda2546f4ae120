import { AwsError, type ServiceContext } from '../contracts.ts';
import type { Fields } from '../protocols/fields.ts';
import { parseStatistic } from './aggregate.ts';
import {
  checkMetricQueries,
  commonPeriodSeconds,
  type MetricQuery,
  readDimensions,
  readMetricQuery,
  readPeriod,
} from './metric-query.ts';

/** Alarms as they are stored, and the one place that decides what an alarm may say. */

export type AlarmStateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export interface AlarmState {
  readonly value: AlarmStateValue;
  readonly reason: string;
  /** JSON text. */
  readonly reasonData?: string | undefined;
  readonly updatedAtMs: number;
  /** When the value last changed. */
  readonly transitionedAtMs: number;
}

export interface AlarmActions {
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

interface AlarmCommon {
  readonly name: string;
  readonly description?: string | undefined;
  readonly actions: AlarmActions;
}

export interface MetricAlarmSettings extends AlarmCommon {
  readonly kind: 'metric';
  /** One query returns data; that is what the threshold bounds. */
  readonly queries: readonly MetricQuery[];
  /** Stated with Metrics (true) or as one metric's fields. */
  readonly usesMetrics: boolean;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly treatMissingData: TreatMissingData;
}

export interface CompositeAlarmSettings extends AlarmCommon {
  readonly kind: 'composite';
  readonly rule: string;
}

export type AlarmSettings = MetricAlarmSettings | CompositeAlarmSettings;
export type Alarm<S extends AlarmSettings = AlarmSettings> = S & {
  readonly arn: string;
  readonly configuredAtMs: number;
  readonly state: AlarmState;
};
export type MetricAlarm = Alarm<MetricAlarmSettings>;
export type CompositeAlarm = Alarm<CompositeAlarmSettings>;

export const isComposite = (alarm: Alarm): alarm is CompositeAlarm => alarm.kind === 'composite';
export const alarmType = (alarm: Alarm): 'MetricAlarm' | 'CompositeAlarm' =>
  alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';

export const COMPARISONS = {
  GreaterThanThreshold: { holds: (value: number, bound: number) => value > bound, words: 'greater than' },
  GreaterThanOrEqualToThreshold: {
    holds: (value: number, bound: number) => value >= bound,
    words: 'greater than or equal to',
  },
  LessThanThreshold: { holds: (value: number, bound: number) => value < bound, words: 'less than' },
  LessThanOrEqualToThreshold: {
    holds: (value: number, bound: number) => value <= bound,
    words: 'less than or equal to',
  },
} as const;
type Comparison = keyof typeof COMPARISONS;

const MISSING_DATA = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
export type TreatMissingData = (typeof MISSING_DATA)[number];

const DAY_SECONDS = 86_400;

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);

export const alarmArn = ({ region, accountId }: ServiceContext, name: string): string =>
  `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;

export const periodSecondsOf = (alarm: MetricAlarmSettings): number => commonPeriodSeconds(alarm.queries);

/** Evaluated once an hour, as AWS does with windows beyond a day. */
export const isMultiDay = (alarm: MetricAlarmSettings): boolean =>
  periodSecondsOf(alarm) * alarm.evaluationPeriods > DAY_SECONDS;

export const returnedQuery = (alarm: MetricAlarmSettings): MetricQuery => {
  const query = alarm.queries.find((one) => one.returnData);
  if (query === undefined) throw invalid(`alarm ${alarm.name} has no metric that returns data`);
  return query;
};

const readActionList = (fields: Fields, name: string): readonly string[] => {
  const actions = fields.texts(name) ?? [];
  if (actions.length > 5) throw fields.refuse(name, 'must have at most 5 items');
  const unsupported = actions.find((arn) => !/^arn:aws:(sns|lambda):/.test(arn));
  if (unsupported !== undefined) throw fields.refuse(name, `must be of SNS or Lambda here, got ${unsupported}`);
  return actions;
};

const readActions = (fields: Fields): AlarmActions => ({
  actionsEnabled: fields.flag('ActionsEnabled') ?? true,
  okActions: readActionList(fields, 'OKActions'),
  alarmActions: readActionList(fields, 'AlarmActions'),
  insufficientDataActions: readActionList(fields, 'InsufficientDataActions'),
});

const readSingleMetric = (fields: Fields): MetricQuery | undefined => {
  const name = fields.text('MetricName');
  const namespace = fields.text('Namespace');
  const statistic = fields.text('Statistic') ?? fields.text('ExtendedStatistic');
  fields.accept('ExtendedStatistic');
  const dimensions = readDimensions(fields);
  const periodSeconds = readPeriod(fields);
  const unit = fields.text('Unit');
  if (name === undefined) return undefined;
  if (namespace === undefined || statistic === undefined || periodSeconds === undefined) {
    throw fields.refuse('MetricName', 'needs Namespace, Period and Statistic or ExtendedStatistic beside it');
  }
  parseStatistic(statistic);
  return { id: 'm1', returnData: true, metricStat: { namespace, name, dimensions, statistic, periodSeconds, unit } };
};

const checkWindow = (alarm: MetricAlarmSettings): void => {
  const period = periodSecondsOf(alarm);
  const days = period < 3600 ? 1 : 7;
  if (period * alarm.evaluationPeriods > days * DAY_SECONDS) {
    throw invalid(
      `Metrics cannot be checked across more than ${days === 1 ? 'a day' : 'seven days'} ` +
        `(EvaluationPeriods * Period must be <= ${days * DAY_SECONDS}), got ${period} * ${alarm.evaluationPeriods}`,
    );
  }
};

/** @throws AwsError ValidationError */
export const readMetricAlarm = (fields: Fields, name: string): MetricAlarmSettings => {
  const single = readSingleMetric(fields);
  const listed = fields.list('Metrics', readMetricQuery);
  if ((single === undefined) === (listed === undefined)) {
    throw fields.refuse('MetricName', 'or Metrics is required, and not both');
  }
  const queries = listed ?? (single === undefined ? [] : [single]);
  const evaluationPeriods = fields.integer('EvaluationPeriods', { min: 1, max: 10_080 });
  const threshold = fields.number('Threshold');
  const comparison = fields.choice('ComparisonOperator', Object.keys(COMPARISONS) as Comparison[]);
  if (evaluationPeriods === undefined || threshold === undefined || comparison === undefined) {
    throw fields.refuse('EvaluationPeriods', 'Threshold and ComparisonOperator are required');
  }
  const datapoints = fields.integer('DatapointsToAlarm', { min: 1, max: evaluationPeriods });
  fields.choice('EvaluateLowSampleCountPercentile', ['evaluate']);
  const alarm: MetricAlarmSettings = {
    kind: 'metric',
    name,
    description: fields.text('AlarmDescription'),
    actions: readActions(fields),
    queries,
    usesMetrics: listed !== undefined,
    evaluationPeriods,
    datapointsToAlarm: datapoints ?? evaluationPeriods,
    threshold,
    comparison,
    treatMissingData: fields.choice('TreatMissingData', MISSING_DATA) ?? 'missing',
  };
  if (queries.filter((query) => query.returnData).length !== 1) {
    throw fields.refuse('Metrics', 'must have exactly one item with ReturnData');
  }
  checkMetricQueries(queries);
  checkWindow(alarm);
  return alarm;
};

export const readCompositeAlarm = (fields: Fields, name: string): CompositeAlarmSettings => ({
  kind: 'composite',
  name,
  description: fields.text('AlarmDescription'),
  actions: readActions(fields),
  rule: fields.requiredText('AlarmRule'),
});
