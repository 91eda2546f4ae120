import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { USAGE_PREFIX } from '../../../shared/contracts/names.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { allow, listObjectsUnder, readObjects, useItemsUnder } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** Counts once a day what clients used, when the last captures of the day before have arrived as a rule. */
export const addMetering = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const { data, lineage } = props.data;
  const { functionArn } = functionAdder(scope, props)('meter-usage', {
    description: 'Counts captured requests by client, model and version',
    environment: { DATA_BUCKET: data.bucket.bucketName, LINEAGE_TABLE: lineage.table.tableName },
    statements: [
      ...listObjectsUnder(data, 'capture/'),
      ...readObjects(data, 'capture/'),
      ...useItemsUnder(lineage, USAGE_PREFIX, 'Query', 'PutItem'),
    ],
    // The requests of a day and more are held, not their rows.
    memoryMb: 2_048,
    timeoutSeconds: 900,
    deadLetterQueue,
  }).lambda;
  new Schedule(scope, 'MeterUsageSchedule', {
    name: `millrace-${props.stage.name}-meter-usage`,
    expression: 'cron(40 1 * * ? *)',
    description: 'Counts usage',
    targetArn: functionArn,
    roleArn: schedulerRole(scope, 'MeterUsageRole', {
      statements: [allow(['lambda:InvokeFunction'], [functionArn])],
      deadLetterQueue,
    }).roleArn,
    input: { scheduledAt: SCHEDULED_TIME },
    deadLetterQueue,
  });
};
