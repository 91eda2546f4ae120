import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SignedApi } from '../constructs/signed-api.ts';
import { publishEvents, useItems } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** The platform API: models, versions, runs, rollouts, lineage; asking for training; approving. */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, props);
    const { registry, lineage, bus, alarmTopic } = props.data;
    const platformApi = functionAdder(this, props)('platform-api', {
      description: 'Answers the platform API',
      environment: {
        REGISTRY_TABLE: registry.table.tableName,
        LINEAGE_TABLE: lineage.table.tableName,
        EVENT_BUS_NAME: bus.eventBusName,
      },
      statements: [
        ...useItems(registry, 'GetItem', 'Query', 'UpdateItem'),
        ...useItems(lineage, 'Query'),
        ...publishEvents(bus),
      ],
      timeoutSeconds: 29,
    }).lambda.functionArn;
    const api = new SignedApi(this, 'Api', {
      stage: props.stage,
      name: 'platform',
      description: 'Models, versions, runs, rollouts and lineage',
      errorTemplate: {
        contentType: 'application/problem+json',
        body: '{"type":"about:blank","title":"$context.error.responseType","detail":$context.error.messageString}',
      },
      topic: alarmTopic,
    });
    api.mayInvoke('PlatformApi', platformApi);
    api.route('/', platformApi, { below: true });
    new CfnOutput(this, 'PlatformApiUrl', { value: api.url });
  }
}
