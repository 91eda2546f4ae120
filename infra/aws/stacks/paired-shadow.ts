import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SHADOW_PREFIX } from '../../../shared/contracts/names.ts';
import { SCHEDULED_TIME, Schedule, schedulerRole } from '../constructs/schedule.ts';
import { pascalCase } from '../names.ts';
import { allow, listObjectsUnder, readObjects, useItems, useItemsUnder } from '../permissions.ts';
import { functionAdder, gatesByShadow, onnxRuntimeLayer, type PlatformStackProps } from './stack-context.ts';

/** Compares challengers with champions on what was captured, for the models that ask for it, when they are checked for drift. */
export const addPairedShadow = (scope: Construct, props: PlatformStackProps, deadLetterQueue: IQueue): void => {
  const models = props.definitions.filter(({ deployment }) => deployment.shadow !== undefined);
  if (models.length === 0) return;
  const { data, artifacts, registry, audit } = props.data;
  const { functionArn } = functionAdder(scope, props)('compare-versions', {
    description: 'Scores captured inputs by challenger and champion and compares them by day',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      AUDIT_TABLE: audit.table.tableName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      DATA_BUCKET: data.bucket.bucketName,
    },
    statements: [
      ...listObjectsUnder(data, 'capture/', 'compacted/'),
      ...readObjects(data, 'capture/', 'compacted/'),
      ...readObjects(artifacts, 'models/'),
      ...useItems(registry, 'GetItem', 'Query'),
      ...useItemsUnder(registry, SHADOW_PREFIX, 'PutItem'),
      // A canary that was found worse is ended by a word on its rollout, which is on record as a person's is.
      ...(gatesByShadow(props) ? [...useItems(registry, 'UpdateItem'), ...useItems(audit, 'GetItem', 'PutItem')] : []),
    ],
    layers: [onnxRuntimeLayer(scope, props)],
    // Two models, an object of captures, and the scores of a day.
    memoryMb: 3_008,
    timeoutSeconds: 900,
    deadLetterQueue,
  }).lambda;
  const { roleArn } = schedulerRole(scope, 'CompareVersionsRole', {
    statements: [allow(['lambda:InvokeFunction'], [functionArn])],
    deadLetterQueue,
  });
  for (const { name, monitors } of models) {
    new Schedule(scope, `${pascalCase(name)}ShadowSchedule`, {
      name: `millrace-${props.stage.name}-shadow-${name}`,
      expression: monitors.schedule,
      description: `Compares versions of ${name}`,
      targetArn: functionArn,
      roleArn,
      input: { model: name, scheduledAt: SCHEDULED_TIME },
      deadLetterQueue,
    });
  }
};
