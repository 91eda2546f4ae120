import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { arnOf } from '../arns.ts';
import { publishEvents, useItems, writeObjects } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** Tells every start and end of a workflow of the stage in OpenLineage's words. */
export const addOpenLineage = (scope: Construct, props: PlatformStackProps, deadLetterQueue: Queue): void => {
  const { data, lineage, bus } = props.data;
  const publish = functionAdder(scope, props)('publish-openlineage', {
    description: 'Tells executions as OpenLineage run events',
    environment: {
      DATA_BUCKET: data.bucket.bucketName,
      LINEAGE_TABLE: lineage.table.tableName,
      EVENT_BUS_NAME: bus.eventBusName,
      OPENLINEAGE_URL: props.stage.openLineageUrl ?? 'none',
    },
    statements: [...writeObjects(data, 'openlineage/'), ...useItems(lineage, 'Query'), ...publishEvents(bus)],
    timeoutSeconds: 60,
    deadLetterQueue,
  });
  new Rule(scope, 'ExecutionChanged', {
    description: 'A workflow of this stage starts or ends',
    eventPattern: {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [{ prefix: arnOf(scope, 'states', `stateMachine:millrace-${props.stage.name}-`) }] },
    },
    targets: [new LambdaFunction(publish.lambda, { deadLetterQueue, retryAttempts: 24 })],
  });
};
