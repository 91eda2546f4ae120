import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alarmName } from '../../../shared/contracts/metric-names.ts';
import { experimentMetric } from '../constructs/model-metrics.ts';
import { PlatformAlarm } from '../constructs/platform-alarm.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { pascalCase } from '../names.ts';
import { allow, listObjectsUnder, readObjects, useItems } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** 1,000 to 1 against the shares, as a logarithm: what has a chance of 1 in 1,000 ever while they hold. */
const SKEWED = 3;

const addSampleRatioAlarm = (scope: Construct, { stage, data }: PlatformStackProps, model: string): void => {
  new PlatformAlarm(scope, `${pascalCase(model)}SampleRatio`, {
    alarmName: alarmName(stage.name, model, 'sample-ratio'),
    alarmDescription: `Versions of ${model} in an A/B experiment do not get the shares that they should.`,
    heading: 'sample-ratio',
    topic: data.alarmTopic,
    metric: experimentMetric(stage.name, model, 'sampleRatioEvidence', {
      statistic: 'Maximum',
      period: Duration.days(1),
    }),
    threshold: SKEWED,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    // Without an experiment nothing is measured.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
};

/** Watches the A/B experiments of models that can have some, as often as they are checked for drift. */
export const addExperimentWatch = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const models = props.definitions.filter(
    ({ deployment }) => deployment.target === 'lambda' && deployment.router === 'exact',
  );
  if (models.length === 0) return;
  const { data, registry } = props.data;
  const { functionArn } = functionAdder(scope, props)('watch-experiments', {
    description: 'Looks whether the versions of an experiment get their shares',
    environment: { REGISTRY_TABLE: registry.table.tableName, DATA_BUCKET: data.bucket.bucketName },
    statements: [
      ...listObjectsUnder(data, 'capture/', 'compacted/'),
      ...readObjects(data, 'capture/', 'compacted/'),
      ...useItems(registry, 'GetItem'),
    ],
    // The ids of an experiment's predictions and units are held.
    memoryMb: 2_048,
    timeoutSeconds: 900,
    deadLetterQueue,
  }).lambda;
  const { roleArn } = schedulerRole(scope, 'WatchExperimentsRole', {
    statements: [allow(['lambda:InvokeFunction'], [functionArn])],
    deadLetterQueue,
  });
  for (const { name, monitors } of models) {
    addSampleRatioAlarm(scope, props, name);
    new Schedule(scope, `${pascalCase(name)}ExperimentSchedule`, {
      name: `millrace-${props.stage.name}-experiment-${name}`,
      expression: monitors.schedule,
      description: `Watches experiments of ${name}`,
      targetArn: functionArn,
      roleArn,
      input: { model: name, scheduledAt: SCHEDULED_TIME },
      deadLetterQueue,
    });
  }
};
