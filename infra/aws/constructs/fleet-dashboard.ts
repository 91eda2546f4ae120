import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  Row,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { alarmName, type METRIC_NAMES } from '../../../shared/contracts/metric-names.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { arnOf } from '../arns.ts';
import type { StageConfig } from '../config.ts';
import { liveMetric, modelMetric } from './model-metrics.ts';

const DAY = Duration.days(1);
const WIDTH = 24;
const COLUMN_WIDTH = WIDTH / 2;
const HEIGHT = 7;
/** CloudWatch shows so many alarms in one widget. */
const ALARMS_A_WIDGET = 100;
const ALARM_ROWS = 4;

const ALARMS = ['drift', 'heartbeat', 'errors', 'capture'] as const;

/** Whether anything rings. */
const alarmStatuses = (
  scope: Construct,
  stage: StageConfig,
  definitions: readonly ModelDefinition[],
): readonly IWidget[] => {
  const alarms = definitions.flatMap(({ name }) =>
    ALARMS.map((alarm) =>
      Alarm.fromAlarmArn(
        scope,
        `Fleet-${name}-${alarm}`,
        arnOf(scope, 'cloudwatch', `alarm:${alarmName(stage.name, name, alarm)}`),
      ),
    ),
  );
  return Array.from(
    { length: Math.ceil(alarms.length / ALARMS_A_WIDGET) },
    (_, at) =>
      new AlarmStatusWidget({
        title: 'Alarms',
        alarms: alarms.slice(at * ALARMS_A_WIDGET, (at + 1) * ALARMS_A_WIDGET),
        width: WIDTH,
        height: ALARM_ROWS,
      }),
  );
};

/** What a stage's models have in common, a line a model: is anything ringing, who drifts, how good are they, do they answer. */
export const fleetWidgets = (
  scope: Construct,
  stage: StageConfig,
  definitions: readonly ModelDefinition[],
): readonly IWidget[] => {
  const region = Stack.of(scope).region;
  const daily = ({ name }: ModelDefinition, metric: keyof typeof METRIC_NAMES) =>
    modelMetric(stage.name, name, metric, { statistic: 'Maximum', period: DAY, label: name });
  const live = ({ name }: ModelDefinition, metric: 'Invocations' | 'Errors') =>
    liveMetric(stage.name, name, metric, 'Sum').with({ label: name });
  const graph = (
    title: string,
    left: readonly IMetric[],
    more: Partial<ConstructorParameters<typeof GraphWidget>[0]> = {},
  ) => new GraphWidget({ title, left: [...left], width: COLUMN_WIDTH, height: HEIGHT, region, ...more });
  const onFunctions = definitions.filter(({ deployment }) => deployment.target === 'lambda');
  const [regressions, classifications] = [
    definitions.filter(({ task }) => task === 'regression'),
    definitions.filter(({ task }) => task !== 'regression'),
  ];
  return [
    new TextWidget({
      markdown: `# Models of stage ${stage.name}\nDistributions, drift by feature and day, canaries and lineage: \`npx millrace pages --stage ${stage.name}\`.`,
      width: WIDTH,
      height: 2,
    }),
    ...alarmStatuses(scope, stage, definitions),
    new Row(
      graph(
        'Drift evidence: 1 is the limit',
        definitions.map((one) => daily(one, 'driftEvidence')),
        { leftAnnotations: [{ value: 1, label: 'limit' }] },
      ),
      graph(
        'Quality of labelled predictions',
        classifications.map((one) => daily(one, 'loss')),
        {
          leftYAxis: { label: 'log loss' },
          ...(regressions.length === 0
            ? {}
            : { right: regressions.map((one) => daily(one, 'loss')), rightYAxis: { label: 'RMSE' } }),
        },
      ),
    ),
    new Row(
      graph(
        'Requests',
        onFunctions.map((one) => live(one, 'Invocations')),
      ),
      graph(
        'Failed requests',
        onFunctions.map((one) => live(one, 'Errors')),
      ),
    ),
    new Row(
      graph(
        'Predictions in the window',
        definitions.map((one) => daily(one, 'windowRows')),
      ),
      graph(
        'Predictions that were not captured',
        definitions.map(({ name }) =>
          modelMetric(stage.name, name, 'captureFailed', { statistic: 'Sum', period: DAY, label: name }),
        ),
      ),
    ),
  ];
};
