import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Row,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import {
  inferenceFunctionName,
  inferenceServiceName,
  LIVE_ALIAS,
  SERVICE_SLOTS,
  slotServiceName,
} from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import type { StageConfig } from '../config.ts';
import { fairnessMetric, liveMetric, modelMetric } from './model-metrics.ts';

const DAY = Duration.days(1);
const COLUMN_WIDTH = 8;

/**
 * What there is to see of one model, top to bottom: is anything ringing, what does it serve and how well, what do
 * the drift checks say, how good are the predictions whose truth is known.
 */
export const modelWidgets = (scope: Construct, stage: StageConfig, definition: ModelDefinition): readonly IWidget[] => {
  const { name, owner, description, monitors, task } = definition;
  const region = Stack.of(scope).region;
  const graph = (
    title: string,
    left: readonly IMetric[],
    more: Partial<ConstructorParameters<typeof GraphWidget>[0]> = {},
  ) => new GraphWidget({ title, left: [...left], width: COLUMN_WIDTH, height: 6, region, ...more });
  const daily = (metric: Parameters<typeof modelMetric>[2], label: string) =>
    modelMetric(stage.name, name, metric, { statistic: 'Maximum', period: DAY, label });
  const alarms = (['drift', 'heartbeat', 'errors', 'capture'] as const).map((alarm) =>
    Alarm.fromAlarmArn(
      scope,
      `${name}-${alarm}`,
      arnOf(scope, 'cloudwatch', `alarm:${alarmName(stage.name, name, alarm)}`),
    ),
  );
  return [
    new Row(
      new TextWidget({ markdown: `# ${name}\n${description} Owner: ${owner}.`, width: COLUMN_WIDTH * 2, height: 3 }),
      new AlarmStatusWidget({ title: 'Alarms', alarms, width: COLUMN_WIDTH, height: 3 }),
    ),
    definition.deployment.target === 'ecs' ? onServices(stage, name) : onFunction(stage, name, { graph, region }),
    new Row(
      graph('Drift evidence: 1 is the limit', [daily('driftEvidence', 'statistic ÷ limit')], {
        leftAnnotations: [{ value: 1, label: 'limit' }],
      }),
      new TextWidget({
        markdown: `What metrics cannot draw (distributions against the reference, drift by feature and day, the canary's confidence sequence, slices, tests, lineage) is on the model's page:\n\n\`npx millrace pages ${name} --stage ${stage.name}\``,
        width: COLUMN_WIDTH * 2,
        height: 6,
      }),
    ),
    new Row(
      graph(
        'Drift: population stability index',
        [daily('predictionPsi', 'prediction'), daily('featurePsiMax', 'worst feature')],
        {
          // A template does not know whether the version in service brought a calibrated limit; the evidence above does.
          leftAnnotations: [
            { value: monitors.predictionPsiLimit, label: 'limit of the prediction where none was calibrated' },
          ],
        },
      ),
      graph('Quality of labelled predictions', [
        daily('loss', task === 'regression' ? 'RMSE' : 'log loss'),
        ...(task === 'regression' ? [] : [daily('auc', 'AUC')]),
        ...betweenGroups(stage, definition),
      ]),
      graph('Inputs and capture', [daily('missingShareMax', 'missing share')], {
        right: [
          daily('windowRows', 'predictions in the window'),
          modelMetric(stage.name, name, 'captureFailed', { statistic: 'Sum', period: DAY, label: 'not captured' }),
        ],
      }),
    ),
  ];
};

/** Of a classification whose definition divides predictions into groups. */
const betweenGroups = (stage: StageConfig, { name, task, monitors }: ModelDefinition): readonly IMetric[] =>
  task === 'regression' || monitors.performance?.fairness === undefined
    ? []
    : [
        fairnessMetric(stage.name, name, 'groupDifference', {
          statistic: 'Maximum',
          period: DAY,
          label: 'largest difference between groups',
        }),
      ];

type Graph = (
  title: string,
  left: readonly IMetric[],
  more?: Partial<ConstructorParameters<typeof GraphWidget>[0]>,
) => GraphWidget;

/** Traffic of a model that a function serves. */
const onFunction = (
  stage: StageConfig,
  name: string,
  { graph, region }: { readonly graph: Graph; readonly region: string },
): IWidget => {
  const functionName = inferenceFunctionName(stage.name, name);
  const invocationsByVersion = new MathExpression({
    expression: `SEARCH('{AWS/Lambda,ExecutedVersion,FunctionName,Resource} FunctionName="${functionName}" Resource="${functionName}:${LIVE_ALIAS}" MetricName="Invocations"', 'Sum', 300)`,
    usingMetrics: {},
    label: 'version',
    searchRegion: region,
  });
  return new Row(
    graph('Traffic and errors', [
      liveMetric(stage.name, name, 'Invocations', 'Sum'),
      liveMetric(stage.name, name, 'Errors', 'Sum'),
      liveMetric(stage.name, name, 'Throttles', 'Sum'),
    ]),
    graph('Latency (ms)', [
      liveMetric(stage.name, name, 'Duration', 'p50'),
      liveMetric(stage.name, name, 'Duration', 'p95'),
      liveMetric(stage.name, name, 'Duration', 'p99'),
    ]),
    graph('Requests by version: the weights of a canary', [invocationsByVersion], { stacked: true }),
  );
};

/** The names of a load balancer's metrics are made when it is: only its own stack knows them. */
const onServices = (stage: StageConfig, name: string): IWidget =>
  new TextWidget({
    markdown: `Served on ECS: requests, failures and latency stand with the target groups of the services \`${SERVICE_SLOTS.map((slot) => slotServiceName(inferenceServiceName(stage.name, name), slot)).join(' and ')}\`.`,
    width: COLUMN_WIDTH * 3,
    height: 2,
  });
