import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  alarmName,
  FEATURE_METRIC_NAMES,
  METRIC_NAMESPACE,
  MODEL_DIMENSION,
  modelDimensionValue,
} from '../../../shared/contracts/metric-names.ts';
import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { PlatformAlarm } from '../constructs/platform-alarm.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { pascalCase } from '../names.ts';
import { allow, listObjectsUnder, readObjects, useItemsUnder, writeObjects } from '../permissions.ts';
import { duckDbLayer, functionAdder, type PlatformStackProps } from './stack-context.ts';

/** A look-back of the dataset lies in /tmp and is aggregated there. */
const FEATURE_WORK = { memoryMb: 4_096, timeoutSeconds: 900, temporaryStorageMb: 8_192 };
/** After the drift check of the same morning, which compacts the day's captures. */
const AUDIT_SCHEDULE = 'cron(40 6 * * ? *)';

const viewsOf = (definitions: readonly ModelDefinition[]) =>
  definitions.filter(({ featureViews = [] }) => featureViews.length > 0);

/** Keeps the online store as fresh as the definitions say, and checks daily that what it serves is what training computes. */
export const addOnlineFeatures = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const definitions = viewsOf(props.definitions);
  if (definitions.length === 0) return;
  const { materialize, audit } = addFunctions(scope, props, definitions, deadLetterQueue);
  const [materializeArn, auditArn] = [materialize.lambda.functionArn, audit.lambda.functionArn];
  const { roleArn } = schedulerRole(scope, 'OnlineFeaturesRole', {
    statements: [allow(['lambda:InvokeFunction'], [materializeArn, auditArn])],
    deadLetterQueue,
  });
  const stage = props.stage.name;
  const group = new CfnScheduleGroup(scope, 'MaterializeGroup', { name: `millrace-${stage}-materialize` });
  for (const { name, featureViews = [] } of definitions) {
    const id = pascalCase(name);
    for (const view of featureViews) {
      if (view.schedule === undefined || props.stage.materialize === 'on-demand') continue;
      new Schedule(scope, `${id}${pascalCase(view.name)}Materialize`, {
        name: `${name}-${view.name}`,
        groupName: group.ref,
        expression: view.schedule,
        description: `Materializes ${view.name} of ${name}`,
        targetArn: materializeArn,
        roleArn,
        input: { model: name, view: view.name, scheduledAt: SCHEDULED_TIME },
        deadLetterQueue,
      });
    }
    new Schedule(scope, `${id}AuditSkew`, {
      name: `millrace-${stage}-audit-skew-${name}`,
      expression: AUDIT_SCHEDULE,
      description: `Audits ${name} for skew between training and serving`,
      targetArn: auditArn,
      roleArn,
      input: { model: name, scheduledAt: SCHEDULED_TIME },
      deadLetterQueue,
    });
    addSkewAlarm(scope, props, name);
  }
};

const addFunctions = (
  scope: Construct,
  props: PlatformStackProps,
  definitions: readonly ModelDefinition[],
  deadLetterQueue: IQueue,
): { readonly materialize: PlatformFunction; readonly audit: PlatformFunction } => {
  const { data, online } = props.data;
  const add = functionAdder(scope, props);
  const layers = [duckDbLayer(scope, props)];
  const DATA_BUCKET = data.bucket.bucketName;
  const captures = definitions.flatMap(({ name }) => [`capture/${name}/`, `compacted/${name}/`]);
  return {
    materialize: add('materialize-features', {
      description: 'Brings the values of a feature view to the online store',
      environment: { DATA_BUCKET, ONLINE_TABLE: online.table.tableName },
      statements: [
        ...listObjectsUnder(data, 'datasets/'),
        ...readObjects(data, 'datasets/'),
        ...definitions.flatMap(({ name }) => useItemsUnder(online, `${name}|`, 'GetItem', 'PutItem')),
      ],
      layers,
      deadLetterQueue,
      ...FEATURE_WORK,
    }),
    audit: add('audit-skew', {
      description: 'Sends a day of predictions by entity through the training transform',
      environment: { DATA_BUCKET },
      statements: [
        ...listObjectsUnder(data, 'datasets/', ...captures),
        ...readObjects(data, 'datasets/', ...captures),
        ...writeObjects(data, 'reports/'),
      ],
      layers,
      deadLetterQueue,
      ...FEATURE_WORK,
    }),
  };
};

const addSkewAlarm = (scope: Construct, { stage, data }: PlatformStackProps, model: string): void => {
  new PlatformAlarm(scope, `${pascalCase(model)}Skew`, {
    alarmName: alarmName(stage.name, model, 'skew'),
    alarmDescription: `Features of ${model} are served with values that training would not compute.`,
    heading: 'skew',
    topic: data.alarmTopic,
    metric: new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: FEATURE_METRIC_NAMES.featureSkewShareMax,
      dimensionsMap: { [MODEL_DIMENSION]: modelDimensionValue(stage.name, model) },
      statistic: 'Maximum',
      period: Duration.days(1),
    }),
    threshold: 0,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: 1,
    // A day without predictions by entity says nothing.
    treatMissingData: TreatMissingData.IGNORE,
  });
};
