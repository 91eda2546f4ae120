import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { Schedule, schedulerRole } from '../constructs/schedule.ts';
import { allow, listObjectsUnder, useItems } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** For how long files stay that nobody refers to any more, and those of archived versions. */
const PACKAGE_DAYS = 30;
/** For how long working files of runs stay: those that a version in use came from stay longer. */
const RUN_DAYS = 90;

/** Removes what nobody needs any more from the artifact bucket, once a week. */
export const addCollectGarbage = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const { artifacts, registry, audit } = props.data;
  const { functionArn } = functionAdder(scope, props)('collect-garbage', {
    description: 'Removes packages and working files that nobody refers to any more',
    environment: {
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      REGISTRY_TABLE: registry.table.tableName,
      AUDIT_TABLE: audit.table.tableName,
      PACKAGE_DAYS: String(PACKAGE_DAYS),
      RUN_DAYS: String(RUN_DAYS),
    },
    statements: [
      ...listObjectsUnder(artifacts, 'models/', 'runs/'),
      allow(
        ['s3:DeleteObject'],
        [artifacts.bucket.arnForObjects('models/*'), artifacts.bucket.arnForObjects('runs/*')],
      ),
      ...useItems(registry, 'GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'),
      ...useItems(audit, 'GetItem', 'PutItem'),
    ],
    memoryMb: 1_024,
    timeoutSeconds: 900,
  }).lambda;
  new Schedule(scope, 'CollectGarbageSchedule', {
    name: `millrace-${props.stage.name}-collect-garbage`,
    expression: 'cron(35 2 ? * SUN *)',
    description: 'Collects garbage in the artifact bucket',
    targetArn: functionArn,
    roleArn: schedulerRole(scope, 'CollectGarbageRole', {
      statements: [allow(['lambda:InvokeFunction'], [functionArn])],
      deadLetterQueue,
    }).roleArn,
    input: { mode: 'apply' },
    deadLetterQueue,
  });
};
