import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SEALED_HEADS_PREFIX } from '../../../shared/contracts/audit.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { allow, useItemsUnder, writeObjects } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** Seals the audit log's chains once a day: what was written before cannot be written anew unnoticed. */
export const addSealAudit = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const { audit, seals } = props.data;
  const { functionArn } = functionAdder(scope, props)('seal-audit', {
    description: 'Writes the heads of the audit log under Object Lock',
    environment: { AUDIT_TABLE: audit.table.tableName, SEAL_BUCKET: seals.bucket.bucketName },
    statements: [...useItemsUnder(audit, 'chains', 'Query'), ...writeObjects(seals, SEALED_HEADS_PREFIX)],
    timeoutSeconds: 300,
  }).lambda;
  new Schedule(scope, 'SealAuditSchedule', {
    name: `millrace-${props.stage.name}-seal-audit`,
    expression: 'cron(5 0 * * ? *)',
    description: 'Seals the audit log',
    targetArn: functionArn,
    roleArn: schedulerRole(scope, 'SealAuditRole', {
      statements: [allow(['lambda:InvokeFunction'], [functionArn])],
      deadLetterQueue,
    }).roleArn,
    input: { scheduledAt: SCHEDULED_TIME },
    deadLetterQueue,
  });
};
