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
  const [plain, extended] = [fields.text('Statistic'), fields.text('ExtendedStatistic')];
  const statistic = plain ?? extended;
  const dimensions = readDimensions(fields);
  const periodSeconds = readPeriod(fields);
  const unit = fields.text('Unit');
  if (name === undefined) return undefined;
  if (plain !== undefined && extended !== undefined) {
    throw fields.refuse('Statistic', 'and ExtendedStatistic cannot both be given');
  }
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

const READ_LATER = { min: 1, max: 10_080 };

/** What stands beside the metrics. Everything is read before anything is judged: a request's options are all known then. */
const readConditions = (fields: Fields) => ({
  evaluationPeriods: fields.integer('EvaluationPeriods', READ_LATER),
  datapoints: fields.integer('DatapointsToAlarm', READ_LATER),
  threshold: fields.number('Threshold'),
  comparison: fields.choice('ComparisonOperator', Object.keys(COMPARISONS) as Comparison[]),
  treatMissingData: fields.choice('TreatMissingData', MISSING_DATA) ?? 'missing',
  // `ignore` would hold a percentile alarm's state while samples are few; that is not computed here.
  lowSamples: fields.choice('EvaluateLowSampleCountPercentile', ['evaluate']),
  description: fields.text('AlarmDescription'),
  actions: readActions(fields),
});

/** Reads an alarm; what it answers judges it. The judgement throws ValidationError. */
export const readMetricAlarm = (fields: Fields, name: string): (() => MetricAlarmSettings) => {
  const listed = fields.list('Metrics', readMetricQuery);
  const given = readConditions(fields);
  const single = readSingleMetric(fields);
  return () => checkedAlarm(fields, { name, listed, single, given });
};

interface GivenAlarm {
  readonly name: string;
  readonly listed: readonly MetricQuery[] | undefined;
  readonly single: MetricQuery | undefined;
  readonly given: ReturnType<typeof readConditions>;
}

const checkedAlarm = (fields: Fields, { name, listed, single, given }: GivenAlarm): MetricAlarmSettings => {
  if ((single === undefined) === (listed === undefined)) {
    throw fields.refuse('MetricName', 'or Metrics is required, and not both');
  }
  const { evaluationPeriods, threshold, comparison, datapoints } = given;
  if (evaluationPeriods === undefined || threshold === undefined || comparison === undefined) {
    throw fields.refuse('EvaluationPeriods', 'Threshold and ComparisonOperator are required');
  }
  if (datapoints !== undefined && datapoints > evaluationPeriods) {
    throw fields.refuse('DatapointsToAlarm', `must be at most EvaluationPeriods, got ${datapoints}`);
  }
  const queries = listed ?? (single === undefined ? [] : [single]);
  const alarm: MetricAlarmSettings = {
    kind: 'metric',
    name,
    description: given.description,
    actions: given.actions,
    queries,
    usesMetrics: listed !== undefined,
    evaluationPeriods,
    datapointsToAlarm: datapoints ?? evaluationPeriods,
    threshold,
    comparison,
    treatMissingData: given.treatMissingData,
  };
  if (queries.filter((query) => query.returnData).length !== 1) {
    throw fields.refuse('Metrics', 'must have exactly one item with ReturnData');
  }
  checkMetricQueries(queries);
  checkWindow(alarm);
  return alarm;
};

export const readCompositeAlarm = (fields: Fields, name: string): (() => CompositeAlarmSettings) => {
  const alarm: CompositeAlarmSettings = {
    kind: 'composite',
    name,
    description: fields.text('AlarmDescription'),
    actions: readActions(fields),
    rule: fields.requiredText('AlarmRule'),
  };
  return () => alarm;
};
