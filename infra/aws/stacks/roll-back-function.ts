import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { inferenceFunctionName } from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { allow, publishEvents, useItems } from '../permissions.ts';
import type { ServingServices } from './serving-services.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/**
 * Rolls back by a person's word: the platform API asks it and waits, or leaves it to Lambda's retries. It may move
 * traffic and bring in nothing: what it goes back to was published by a rollout.
 */
export const addRollBack = (
  scope: Construct,
  props: PlatformStackProps,
  { deadLetterQueue, services }: { readonly deadLetterQueue: IQueue; readonly services?: ServingServices | undefined },
): void => {
  const { registry, lineage, audit, bus } = props.data;
  functionAdder(scope, props)('roll-back', {
    description: 'Gives traffic back by a person’s word',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      LINEAGE_TABLE: lineage.table.tableName,
      AUDIT_TABLE: audit.table.tableName,
      EVENT_BUS_NAME: bus.eventBusName,
    },
    statements: [
      ...useItems(registry, 'GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'),
      ...useItems(lineage, 'UpdateItem'),
      ...useItems(audit, 'GetItem', 'PutItem'),
      ...publishEvents(bus),
      allow(
        ['lambda:GetFunctionConfiguration', 'lambda:ListVersionsByFunction', 'lambda:GetAlias', 'lambda:UpdateAlias'],
        [arnOf(scope, 'lambda', `function:${inferenceFunctionName(props.stage.name, '*')}`)],
      ),
      ...(services === undefined ? [] : [...services.may.shift, ...services.may.list]),
    ],
    // Less than the API waits.
    timeoutSeconds: 25,
    deadLetterQueue,
  });
};
